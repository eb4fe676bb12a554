"""The key that signs links and sign-ins: the store's own, so that all daemons on it agree."""

from __future__ import annotations

import secrets

import sqlalchemy as sa

from monitor.store.engine import Store
from monitor.store.tables_learning import link_key
from monitor.store.upsert import insert_or_ignore

_BYTES = 32


def key_of(store: Store) -> bytes:
    """Drawn when it is first asked for, and the same ever after."""
    with store.read() as tx:
        found = _kept(tx)
    if found is not None:
        return found
    with store.write() as tx:
        insert_or_ignore(tx, link_key, [{"id": 1, "key": secrets.token_bytes(_BYTES)}])
        drawn = _kept(tx)
    assert drawn is not None, "one row was written, here or by another daemon"
    return drawn


def _kept(tx: sa.Connection) -> bytes | None:
    return tx.execute(sa.select(link_key.c.key)).scalar()
