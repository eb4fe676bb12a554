"""Errors that are answers, not bugs: each is one line saying what, where and how to mend it.

ConfigError    exit 2   configuration or usage
StoreError     exit 2   the database cannot be opened or is not ours
DataError      exit 3   an input is missing, unreadable or has the wrong columns
LearnError     exit 2   a round of learning did not end well; the next one goes on from there
FetchError              a feed could not be fetched; carries when to come back
ParseError              a document is not a feed
"""

from __future__ import annotations

from datetime import datetime

from policy.errors import DataError

__all__ = ["ConfigError", "DataError", "FetchError", "LearnError", "ParseError", "StoreError"]


class ConfigError(Exception):
    """The configuration cannot be used."""


class StoreError(Exception):
    """The database cannot be used."""


class LearnError(Exception):
    """A round of learning was stopped, or cannot begin."""


class FetchError(Exception):
    """A feed was not fetched.

    `outcome` is a short word for metrics (timeout, refused, http_4xx, http_5xx, too_large,
    private_address, redirects, …); `retry_at` is set where the server said when to come back;
    `busy_host` is the host that said so of itself (429, or 503 with a time to come back), or "".
    """

    def __init__(
        self, message: str, outcome: str, retry_at: datetime | None = None, busy_host: str = ""
    ) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.retry_at = retry_at
        self.busy_host = busy_host


class ParseError(Exception):
    """A document holds no feed; the message says what it is instead."""
