"""The daemon: feeds, store, jobs, console, command line, metrics, back-test."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """The installed version of the distribution."""
    return metadata.version("downdraft")
