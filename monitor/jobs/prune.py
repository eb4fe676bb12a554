"""prune: articles, labels and judgements that nobody will ask about any more.

Alerts carry their own evidence and stay; so do the deliveries that announced them.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from monitor.context import Context
from monitor.store import retention

log = structlog.get_logger()

_BATCH = 5000  # short transactions: readers and other jobs go on meanwhile


def prune(context: Context) -> bool:
    """One batch of what is older than `prune.keep_days`."""
    before = context.clock() - timedelta(days=context.settings.prune.keep_days)
    with context.store.write() as tx:
        removed = retention.remove_before(tx, before, _BATCH)
    if removed:
        log.info("prune.removed", articles=removed, before=before.isoformat(timespec="seconds"))
    return removed == _BATCH
