"""When evidence becomes an alert, which alerts are one crisis, and when a crisis is over.

Every decision returns its reason in words, None meaning that nothing stands in the way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from alerts.ledger import LabelledStory
from alerts.types import Alert, Kind, Severity, Stream

CRITICAL_MARGIN = 4.0  # nats above the threshold: e⁴ ≈ 55 times rarer than the promise
EXPLAINED = 0.5  # a crisis that spreads brings new stories; another one brings hardly any old


@dataclass(frozen=True, slots=True)
class Fresh:
    """What the last day brought to a stream that has crossed its threshold."""

    gain: float  # largest log likelihood ratio of the newest bin
    stories: Sequence[LabelledStory]
    origins_seen: int  # distinct origins of the stream in the last 14 days


def why_hold(fresh: Fresh, min_stories: int, min_origins: int) -> str | None:
    """The reason not to alert although the evidence suffices.

    Evidence of earlier bins may have piled up: the newest bin must add to it, and the last
    day (of days, the last three) must bring enough distinct negative stories from enough
    origins. A stream that only ever had one origin needs only that one.
    """
    if fresh.gain <= 0:
        return "the newest bin adds no evidence"
    negative = [story for story in fresh.stories if story.negative]
    if len(negative) < min_stories:
        return f"{len(negative)} negative stories lately, {min_stories} needed"
    origins = {copy.origin for story in negative for copy in story.copies}
    needed = min(min_origins, fresh.origins_seen)
    if len(origins) < needed:
        return f"{len(origins)} origins lately, {needed} needed"
    return None


def severity(log_evidence: float, log_threshold: float) -> Severity:
    """Critical when the evidence exceeds the threshold by CRITICAL_MARGIN."""
    return "critical" if log_evidence >= log_threshold + CRITICAL_MARGIN else "warning"


def alert_id(kind: Kind, stream: Stream, start: datetime) -> str:
    """The same for whoever raises it, so that two daemons cannot raise it twice."""
    text = "\x1f".join((kind, stream.topic, stream.target, start.isoformat()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Rise:
    """A stream under suspicion, crossed or not: its stories since the onset of its rise."""

    stream: Stream
    onset: datetime
    log_evidence: float
    baseline: float
    stories: tuple[LabelledStory, ...]
    log_threshold: float = 0.0
    expected: float | None = None  # negatives since onset, where their number is what is judged

    @property
    def margin(self) -> float:
        """Nats above the stream's threshold: streams with other parts of the budget compare."""
        return self.log_evidence - self.log_threshold

    def negatives(self, since: datetime | None = None) -> frozenset[int]:
        """Ids of the negative stories since then, or since the onset."""
        since = since or self.onset
        return frozenset(s.id for s in self.stories if s.negative and s.first_seen_at >= since)

    def excess(self, among: Set[int]) -> float:
        """Negatives above what is usual, counting only the stories in `among`."""
        own = [story for story in self.stories if story.id in among]
        usual = self.baseline * len(own) if self.expected is None else self.expected
        return sum(story.negative for story in own) - usual


def together(a: Rise, b: Rise, overlap: float) -> bool:
    """Whether two rises are one crisis: since the later onset, most of the smaller is in both."""
    since = max(a.onset, b.onset)
    mine, yours = a.negatives(since), b.negatives(since)
    smaller = min(len(mine), len(yours))
    return smaller > 0 and len(mine & yours) >= overlap * smaller


def crisis(seed: Stream, rises: Mapping[Stream, Rise], overlap: float) -> frozenset[Stream]:
    """All streams tied to `seed` by overlapping stories, directly or through one another.

    One crisis splits over topics when its headlines do; the company that it is about, or the
    whole, ties the parts together although they share no story.
    """
    found, frontier = {seed}, [seed]
    while frontier:
        here = rises[frontier.pop()]
        near = {s for s in rises.keys() - found if together(here, rises[s], overlap)}
        found |= near
        frontier.extend(near)
    return frozenset(found)


def explained(seed: Rise, crisis: Iterable[Rise]) -> bool:
    """Whether one stream of an open crisis already tells half of what a new rise rests on, since
    the later onset of the two.

    A topic shares all its stories with the whole: were that enough, a small alert that has been
    open for days would take in, and keep quiet, whatever breaks out beside it.
    """
    for rise in crisis:
        mine = seed.negatives(max(seed.onset, rise.onset))
        if mine and len(mine & rise.negatives()) >= EXPLAINED * len(mine):
            return True
    return False


def headline(
    crossed: Collection[Stream],
    members: Iterable[Stream],
    rises: Mapping[Stream, Rise],
    explained: float,
) -> Stream:
    """Which stream of a new crisis speaks for it.

    The one furthest above its threshold, the more specific in a tie. Should that be the whole, a
    topic or name that holds most of its excess says better what happened: then that one, even
    if it has not crossed its own threshold (the alarm, and its budget, is the whole's).
    """

    def strength(stream: Stream) -> tuple[float, int, Stream]:
        return (rises[stream].margin, bool(stream.topic) + bool(stream.target), stream)

    best = max(crossed, key=strength)
    if best != Stream():
        return best
    whole = rises[best]
    among = {story.id for story in whole.stories}
    most = explained * whole.excess(among)
    better = [s for s in members if s != best and rises[s].excess(among) >= most]
    return max(better, key=strength, default=best)


def stories_of(some: Iterable[Alert]) -> frozenset[int]:
    """Ids of the stories that alerts tell of."""
    return frozenset(story.id for alert in some for story in alert.stories)


def families(alerts: Iterable[Alert]) -> list[list[Alert]]:
    """Open alerts by crisis, each parent before its children."""
    groups: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda a: (a.parent is not None, a.raised_at, a.id)):
        groups.setdefault(alert.parent or alert.id, []).append(alert)
    return list(groups.values())
