"""Opening the store for one command."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.config import Settings
from monitor.errors import StoreError
from monitor.store.engine import Store, missing_file, open_store


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The configured store, made where there is none, closed afterwards. Raises StoreError."""
    store = open_store(settings.store.url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def existing_store(settings: Settings) -> Iterator[Store]:
    """The same for commands that ask about what is there: they make none. Raises StoreError."""
    if missing := missing_file(settings.store.url):
        raise StoreError(
            f"no store at {missing}; give the daemon's configuration by --config, or run from its "
            "folder; `downdraft run` makes a new one"
        )
    with opened_store(settings) as store:
        yield store


@contextmanager
def store_or_none_yet(settings: Settings) -> Iterator[Store]:
    """The same for commands that have something to tell before there is one: it is empty then, in
    memory. Raises StoreError."""
    missing = missing_file(settings.store.url)
    if missing:
        print(f"downdraft: no store at {missing} yet", file=sys.stderr)
    store = open_store("sqlite://" if missing else settings.store.url)
    try:
        yield store
    finally:
        store.close()
