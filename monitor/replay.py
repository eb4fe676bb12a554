"""Back-test on a virtual clock: an archive through the daemon's own label, story and detect code.

What differs from the daemon is only where things are kept: the stories in memory, the labels and
the stories in caches, the time in the archive.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from alerts.detector import DetectorConfig
from alerts.ledger import LabelledStory
from alerts.types import Stream
from alerts.watch import declared
from monitor.archive import Entry, strays
from monitor.entities import WatchList
from monitor.events import Event
from monitor.replay_cache import Say
from monitor.replay_judge import Judgement, Span, judge
from monitor.replay_labels import Answer, Ask, Labeller
from monitor.replay_ledger import MemoryLedger
from monitor.replay_report import report
from monitor.replay_stories import set_aside, story_ids
from policy.errors import DataError
from policy.types import Policy

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_ROOM = timedelta(days=366)  # what looks back or ahead stays within the calendar
BUDGET = 0.07  # false alarms a week and stream where none is given: one in 100 stream-days

Progress = Callable[[str, int, int], None]  # what, done, of how many


@dataclass(frozen=True, slots=True)
class Plan:
    """What to replay, and against what."""

    config: DetectorConfig = field(default_factory=DetectorConfig)
    topics: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # watched, as the watch-list spells them
    pairs: tuple[tuple[str, str], ...] = ()  # topic and name that are watched together
    watch_list: WatchList = field(default_factory=lambda: WatchList(()))
    events: Sequence[Event] = ()
    bin: timedelta | None = None  # None: hours, or days where a time of day is missing
    budget: float | None = None  # false alarms a week over all streams
    since: datetime | None = None
    until: datetime | None = None  # exclusive
    cache: Path | None = None

    @property
    def streams(self) -> tuple[Stream, ...]:
        """All that is watched, whether the archive mentions it or not."""
        return declared(self.topics, self.names, self.pairs)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A back-test with all that its pictures and tables need."""

    document: dict[str, Any]  # as `downdraft replay --json` prints it
    judgement: Judgement
    config: DetectorConfig  # with the width and the budget that were settled on
    streams: tuple[Stream, ...]
    events: Sequence[Event]
    first: datetime
    last: datetime  # the archive's last headline
    checkpoint: str


Targets = Sequence[tuple[str, ...]]  # of each entry, "" first


def replay(
    archive: Iterable[Entry], policy: Policy, plan: Plan, progress: Progress | None = None
) -> dict[str, Any]:
    """The document of `downdraft replay`. Raises DataError for an archive that cannot serve."""
    return play(archive, policy, plan, progress).document


def play(
    archive: Iterable[Entry],
    policy: Policy,
    plan: Plan,
    progress: Progress | None = None,
    say: Say | None = None,
) -> Replayed:
    """The back-test with all that its pictures and tables need. Raises DataError for an archive
    that cannot serve. `say`: told what became of a cache."""
    began = perf_counter()
    entries = _without_strays(_chosen(archive, plan, say), plan, say)
    config = _settle(entries, plan, say)
    ids = story_ids(entries, plan.cache, _named(progress, "stories"), say)
    targets = _targets(entries, plan)
    leads = _leads(entries, ids, targets)
    answers = Labeller(policy, plan.cache, say).label(leads.values(), _named(progress, "label"))
    aside = set_aside(entries, ids, say, config.owners)
    ledger = _ledger(entries, ids, targets, leads, answers, aside)
    span = Span(entries[0].at, entries[-1].at, policy.checkpoint, {})
    found = judge(ledger, plan.streams, config, span, _named(progress, "judge"))
    document = report(len(entries), ledger, found, plan.streams, span, config, plan.events)
    document["seconds"] = round(perf_counter() - began, 2)
    streams, events = plan.streams, plan.events
    times = (span.first, span.last, span.checkpoint)
    return Replayed(document, found, config, streams, events, *times)


def _chosen(archive: Iterable[Entry], plan: Plan, say: Say | None) -> list[Entry]:
    """Entries with words, in order of time, within the span asked for."""
    first = plan.since or _EARLIEST
    last = plan.until or _LATEST
    within = [entry for entry in archive if first <= entry.at < last]
    entries = sorted((entry for entry in within if entry.title), key=lambda entry: entry.at)
    if not entries:
        span = " in this span; check --from and --to" if plan.since or plan.until else ""
        raise DataError(f"the archive has no headlines{span or '; give lines with ts and title'}")
    if say and len(entries) < len(within):
        say(f"{len(within) - len(entries):,} left out: neither title nor summary has a word")
    return entries


def _without_strays(entries: list[Entry], plan: Plan, say: Say | None) -> list[Entry]:
    """One wrong date must not make a span of decades; whoever names the span means it."""
    early, late = strays(entries)
    first = 0 if plan.since else early
    last = len(entries) - (0 if plan.until else late)
    for some in (entries[:first], entries[last:]):
        if say and some:
            say(
                f"{len(some)} left out, dated a year or more apart from all others; --from or --to "
                f"keeps what it names: {some[0].at:%Y-%m-%d} {some[0].title[:60]!r}"
            )
    kept = entries[first:last]
    if kept[0].at < _EARLIEST + _ROOM or kept[-1].at > _LATEST - _ROOM:
        raise DataError(
            f"the archive spans {kept[0].at.date()} to {kept[-1].at.date()}, where calendars end; "
            "name the days of news with --from and --to"
        )
    return kept


def _settle(entries: Sequence[Entry], plan: Plan, say: Say | None) -> DetectorConfig:
    """Width of the bins and budget, where they are left to us."""
    days = _days(entries)
    if plan.bin is not None and plan.bin < DAY and days:
        raise DataError(
            f"the archive gives {days:,} of {len(entries):,} headlines a day without a time; "
            "use --bin 1d"
        )
    if say and plan.bin is None and 0 < days < len(entries):
        say(f"{days:,} of {len(entries):,} headlines have a day without a time: bins are days")
    width = plan.bin or (DAY if days else HOUR)
    budget = plan.budget if plan.budget is not None else BUDGET * len(plan.streams)
    return replace(plan.config, bin=width, alarms_per_week=budget)


def _days(entries: Sequence[Entry]) -> int:
    """Headlines of which only the day is known: times that are all midnight are days."""
    untimed = sum(not entry.timed for entry in entries)
    return untimed or len(entries) * all(entry.at.time() == time.min for entry in entries)


def _targets(entries: Sequence[Entry], plan: Plan) -> Targets:
    """Whom each headline is about: names in the title, and those the archive gives."""
    if not plan.names:
        return [("",)] * len(entries)
    names, find = frozenset(plan.names), plan.watch_list.find
    given = ([name for name in entry.names if name in names] for entry in entries)
    return [
        tuple(dict.fromkeys(("", *find(entry.title), *also)))
        for entry, also in zip(entries, given, strict=True)
    ]


def _leads(
    entries: Sequence[Entry], ids: Sequence[int], targets: Targets
) -> dict[tuple[int, str], Ask]:
    """What to label: of each story, for each target, the first copy that speaks of it."""
    leads: dict[tuple[int, str], Ask] = {}
    for entry, story_id, about in zip(entries, ids, targets, strict=True):
        for target in about:
            if (story_id, target) not in leads:
                leads[story_id, target] = (entry.title, target)
    return leads


def _ledger(
    entries: Sequence[Entry],
    ids: Sequence[int],
    targets: Targets,
    leads: Mapping[tuple[int, str], Ask],
    answers: Mapping[Ask, Answer],
    aside: Container[int],
) -> MemoryLedger:
    ledger, counted = MemoryLedger(), set()
    for number, (entry, story_id) in enumerate(zip(entries, ids, strict=True)):
        ledger.add_copy(story_id, entry.origin, entry.url, entry.at)
        for target in () if number in aside else targets[number]:
            key = (story_id, target)
            answer = answers[leads[key]]
            ledger.add_carrier(answer.topic, target, entry.origin, entry.at)
            if key not in counted:
                counted.add(key)
                ledger.add_story(_story(entry, story_id, target, answer))
    return ledger


def _story(entry: Entry, story_id: int, target: str, answer: Answer) -> LabelledStory:
    return LabelledStory(
        id=story_id,
        topic=answer.topic,
        target=target,
        title=entry.title,
        first_seen_at=entry.at,
        negative=answer.negative,
        probability_negative=answer.probability_negative,
        copies=(),
    )


def _named(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(what, done, total)
