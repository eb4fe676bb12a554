"""Errors of the policy room. CheckpointError and DeviceError → exit 2, DataError → exit 3."""


class CheckpointError(Exception):
    """A checkpoint is missing, incomplete or altered; the message names the file."""


class DataError(Exception):
    """A labelled file is missing, unreadable or has the wrong columns."""


class DeviceError(Exception):
    """The device that was asked for is not there."""
