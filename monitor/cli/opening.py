"""Opening the store for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from monitor.config import Settings
from monitor.store.engine import Store, open_store


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The configured store, closed afterwards. Raises StoreError."""
    store = open_store(settings.store.url)
    try:
        yield store
    finally:
        store.close()
