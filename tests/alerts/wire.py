"""A newsroom without chance: so many stories an hour, from two feeds, to the minute.

Tidewater brings four stories an hour on law, one of them bad; Granary one on law and two on oil,
of which every other is bad. Acme is named by Granary every third hour.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from alerts.detector import DetectorConfig
from alerts.ledger import LabelledStory, Listening
from alerts.types import Alert, Copy, Stream
from alerts.watch import Outcome, WatchState, counted_in, judge_bin, watch

START = datetime(2031, 3, 3, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
WHOLE, LEGAL, OIL, ACME = Stream(), Stream("Legal"), Stream("Oil"), Stream(target="Acme")
FEEDS = ("tidewater", "granary")
QUIET_DAYS = 9
CONFIG = DetectorConfig(alarms_per_week=1.0)


@dataclass
class Wire:
    """What is told, hour by hour; the ledger of it, and how it was listened to."""

    told: list[LabelledStory] = field(default_factory=list)
    by_feed: dict[int, str] = field(default_factory=dict)
    hours: dict[int, int] = field(default_factory=dict)  # first story of each hour

    def tell(self, hour: int, feed: str, topic: str, bad: bool, about: str = "") -> None:
        number = len(self.told) + 1
        at = START + hour * HOUR + timedelta(seconds=number % 3600)
        copies = (Copy(feed, "", at), Copy(f"{feed} late", "", at))
        for target in ("", about) if about else ("",):
            self.told.append(
                LabelledStory(number, topic, target, f"#{number}", at, bad, 0.8, copies)
            )
        self.by_feed[number] = feed

    def usual(self, hour: int, times: int = 1, silent: Sequence[str] = ()) -> None:
        self.hours[hour] = len(self.told)
        for _ in range(times):
            if "tidewater" not in silent:
                for i in range(4):
                    self.tell(hour, "tidewater", "Legal", i == 0)
            if "granary" not in silent:
                self.tell(hour, "granary", "Legal", False)
                self.tell(hour, "granary", "Oil", hour % 2 == 0, "Acme" if hour % 3 == 0 else "")
                self.tell(hour, "granary", "Oil", hour % 2 == 1)

    def between(self, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        first = self.hours.get((since - START) // HOUR, 0)
        return [s for s in self.told[first:] if since <= s.first_seen_at < until]

    def stories(self, stream: Stream, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        return [s for s in self.between(since, until) if stream in counted_in(s.topic, s.target)]

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        return Counter(c.origin for s in self.stories(stream, since, until) for c in s.copies)

    def counts(self, hour: int) -> dict[Stream, tuple[int, int]]:
        found: dict[Stream, Counter[bool]] = defaultdict(Counter)
        for story in self.between(START + hour * HOUR, START + (hour + 1) * HOUR):
            for stream in counted_in(story.topic, story.target):
                found[stream][story.negative] += 1
        return {stream: (sum(c.values()), c[True]) for stream, c in found.items()}

    def carried(self, since: datetime, until: datetime) -> Mapping[Stream, Mapping[str, int]]:
        found: dict[Stream, Counter[str]] = defaultdict(Counter)
        for story in self.between(since, until):
            for stream in counted_in(story.topic, story.target):
                found[stream][self.by_feed[story.id]] += 1
        return found

    def articles_of(self, feed: str, since: datetime, until: datetime) -> int:
        return self.articles(since, until)[feed]

    def articles(self, since: datetime, until: datetime) -> Counter[str]:
        ids = {story.id for story in self.between(since, until)}
        return Counter(self.by_feed[number] for number in ids)

    def listening(self, hour: int, **more: object) -> Listening:
        start = START + hour * HOUR
        heard = Listening(
            articles=self.articles(start, start + HOUR),
            carried=self.carried,
            articles_of=self.articles_of,
        )
        return replace(heard, **more)  # type: ignore[arg-type]


@dataclass
class Desk:
    """A wire with somebody who watches it, and all that was said about it."""

    config: DetectorConfig = CONFIG
    wire: Wire = field(default_factory=Wire)
    outcomes: list[Outcome] = field(default_factory=list)
    hour: int = 0

    def __post_init__(self) -> None:
        self.state: WatchState = watch(("Legal", "Oil"), ("Acme",), self.config, FEEDS)

    def judge(self, **listening: object) -> Outcome:
        """The hour that has been told."""
        start = START + self.hour * HOUR
        self.state, outcome = judge_bin(
            self.state, start, self.wire.counts(self.hour), self.wire, self.config, "one",
            start + HOUR, listening=self.wire.listening(self.hour, **listening),
        )  # fmt: skip
        self.outcomes.append(outcome)
        self.hour += 1
        return outcome

    def usual(self, hours: int, times: int = 1, silent: Sequence[str] = ()) -> list[Outcome]:
        return [self._usual(times, silent) for _ in range(hours)]

    def _usual(self, times: int, silent: Sequence[str]) -> Outcome:
        self.wire.usual(self.hour, times, silent)
        return self.judge()

    @property
    def raised(self) -> list[Alert]:
        return [alert for outcome in self.outcomes for alert in outcome.raised]

    @property
    def resolved(self) -> list[Alert]:
        return [alert for outcome in self.outcomes for alert in outcome.resolved]


def seasoned(config: DetectorConfig = CONFIG) -> Desk:
    """A desk that knows what is usual, and has had nothing to say so far."""
    desk = Desk(config)
    desk.usual(QUIET_DAYS * 24)
    assert not desk.raised
    return desk


def kinds(desk: Desk) -> set[str]:
    return {alert.kind for alert in desk.raised}


def parents(desk: Desk) -> list[Alert]:
    return [alert for alert in desk.raised if alert.parent is None]
