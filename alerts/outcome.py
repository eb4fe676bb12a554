"""What is common to all detectors of one bin, and what one bin led to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from alerts.baseline import Counts, Mask
from alerts.kin import Kin, kin_of
from alerts.ledger import Ledger
from alerts.state import DetectorConfig
from alerts.types import Alert, Evidence, Kind, Stream

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Tally = Mapping[Stream, tuple[int, int]]  # stories, and those of them that count


@dataclass(frozen=True, slots=True)
class Bin:
    """The bin being judged."""

    streams: tuple[Stream, ...]
    start: datetime
    until: datetime  # end of the bin, or now while it is open
    provisional: bool  # still open: nothing is remembered of this look but what it raised
    ledger: Ledger
    checkpoint: str
    config: DetectorConfig
    tally: Counts  # (K, 2) stories, and those of them that count
    number: int  # of bins since 1970

    def time(self, number: int) -> datetime:
        return EPOCH + number * self.config.bin

    @property
    def kin(self) -> Kin:
        """Streams whose parent is another than the whole."""
        return kin_of(self.streams)

    def number_of(self, at: datetime) -> int:
        return (at - EPOCH) // self.config.bin


def named(streams: Sequence[Stream], some: Collection[Stream]) -> Mask:
    """(K,) which of the streams are among `some`: none in most bins, and then none is asked."""
    if not some:
        return np.zeros(len(streams), dtype=np.bool_)
    return np.array([stream in some for stream in streams], dtype=np.bool_)


def counted(streams: Sequence[Stream], counts: Tally) -> Counts:
    """(K, 2) stories, and those of them that count, of each stream."""
    if not counts:
        return np.zeros((len(streams), 2), dtype=np.int64)
    return np.array([counts.get(stream, (0, 0)) for stream in streams], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth logging that is no alert."""

    stream: Stream
    reason: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A bin of something whose count is unusual: kept while its rise or fall lasts."""

    kind: Kind
    feed: str  # "": the stream itself
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one bin led to. `raised`: parents before their children."""

    evidence: tuple[Evidence, ...] = ()
    raised: tuple[Alert, ...] = ()
    resolved: tuple[Alert, ...] = ()
    notes: tuple[Note, ...] = ()
    changed: tuple[Alert, ...] = ()  # open alerts that have more to say
    counting: tuple[Callable[[], tuple[Counted, ...]], ...] = ()

    @property
    def joined(self) -> tuple[Alert, ...]:
        """Of the raised, those that have joined an alert of an earlier bin or look."""
        new = {alert.id for alert in self.raised}
        return tuple(a for a in self.raised if a.parent is not None and a.parent not in new)

    @property
    def counted(self) -> tuple[Counted, ...]:
        """What is unusual in number; reckoned when asked for, which a back-test never does."""
        return tuple(row for rows in self.counting for row in rows())

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.evidence + other.evidence,
            self.raised + other.raised,
            self.resolved + other.resolved,
            self.notes + other.notes,
            self.changed + other.changed,
            self.counting + other.counting,
        )


def span(days: timedelta) -> str:
    return f"{days / timedelta(days=1):g} days"
