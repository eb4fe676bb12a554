"""The one error of the alerts room."""


class DeliveryError(Exception):
    """A message was not delivered. `permanent`: trying again cannot help."""

    def __init__(self, message: str, permanent: bool = False, retry_after: float | None = None):
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after  # seconds, where the receiver said so
