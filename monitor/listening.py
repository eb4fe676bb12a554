"""How well the world was listened to in one bin, from what the store knows of feeds and polls."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial

from alerts.detector import DetectorConfig
from alerts.ledger import Listening
from monitor.store import companions, feeds, labels
from monitor.store.companions import PositiveLedger
from monitor.store.engine import Transaction

_SHORTLY = timedelta(hours=1)  # a silence of ours that is shorter is no gap


def listening(tx: Transaction, start: datetime, config: DetectorConfig) -> Listening:
    """In the bin that begins at `start`.

    A daemon that was down, or cut off, hears of everything afterwards and at once: neither its
    empty bins nor the full one that follows are evidence. Nor is the bin in which a new feed
    shows its whole past, or in which a backlog of labels is caught up.
    """
    until = start + config.bin
    names = {row.id: row.name for row in feeds.active(tx)}
    arrived = {k: n for k, n in companions.arrivals(tx, start, until).items() if k in names}
    unread = companions.unread(tx, start) & names.keys()
    owed = labels.oldest_owed(tx)
    complete = owed is None or owed >= until
    counted: Counter[str] = Counter()
    for feed, count in arrived.items():
        counted[names[feed]] += count
    watched = config.positive_alarms_per_week > 0
    return Listening(
        heard=companions.heard(tx, start, max(config.bin, _SHORTLY)),
        counted=complete and not unread & arrived.keys() and not companions.counted_late(tx, start),
        articles=counted,
        first_read=frozenset(names[feed] for feed in unread),
        articles_of=partial(companions.articles_of, tx),
        carried=partial(companions.carried, tx),
        positives=companions.positives(tx, start) if watched else {},
        positive_ledger=PositiveLedger(tx) if watched else None,
    )
