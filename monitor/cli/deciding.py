"""What commands that decide over policies share: who decides, why, and that no round runs."""

from __future__ import annotations

import os
import pwd
import socket
from contextlib import AbstractContextManager
from typing import Annotated

import typer

from monitor.clock import wall_clock
from monitor.config import Settings
from monitor.errors import ConfigError
from monitor.live_policy import place_of
from monitor.store.engine import Store, Transaction
from policy.errors import CheckpointError
from policy.manifest import verify

ReasonOption = Annotated[str, typer.Option("--reason", help="Why; kept for good, and shown.")]


def reason_of(given: str) -> str:
    """Raises ConfigError where none was given."""
    reason = " ".join(given.split())
    if not reason:
        raise ConfigError('--reason: missing; say why, for example --reason "worse on dividends"')
    return reason


def person() -> str:
    """Whose account this is, whatever the environment says; by number where it has no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def holder() -> str:
    return f"{person()}'s {os.getpid()} on {socket.gethostname()}"


def lease(store: Store) -> AbstractContextManager[None]:
    """While a round of learning runs nobody else changes what is live."""
    from monitor.learning.lease import held

    return held(store, holder(), wall_clock)


def refuse_unless_whole(tx: Transaction, settings: Settings, id_: str) -> None:
    """What is decided on is what lies there. Raises CheckpointError."""
    path = place_of(tx, settings, id_)
    if verify(path).id != id_:
        raise CheckpointError(f"{path}: does not hold {id_}; copy the right directory there")
