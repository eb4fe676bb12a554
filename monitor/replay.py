"""Back-test on a virtual clock: an archive through the daemon's own label, story and detect code.

What differs from the daemon is only where things are kept: the stories in memory, the labels in
a cache, the time in the archive.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alerts.detector import DetectorConfig
from alerts.ledger import LabelledStory
from alerts.types import Alert, Copy, Stream
from alerts.watch import counted_in, declared, judge_bin, watch
from monitor.archive import Entry
from monitor.entities import WatchList
from monitor.events import Event
from monitor.replay_labels import Answer, Ask, Labeller
from monitor.replay_ledger import MemoryLedger
from monitor.replay_report import report
from monitor.stories import StoryIndex, signature
from policy.errors import DataError
from policy.types import Policy

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STORY_WINDOW = timedelta(hours=72)
BUDGET = 0.07  # false alarms a week and stream where none is given: one in 100 stream-days

Progress = Callable[[str, int, int], None]  # what, done, of how many


@dataclass(frozen=True, slots=True)
class Plan:
    """What to replay, and against what."""

    config: DetectorConfig = field(default_factory=DetectorConfig)
    topics: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # watched, as the watch-list spells them
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
        return declared(self.topics, self.names)


@dataclass(frozen=True, slots=True)
class Told:
    """One entry, placed: which story it is a copy of and whom it is about."""

    entry: Entry
    story_id: int
    targets: tuple[str, ...]  # "" first


def replay(
    archive: Iterable[Entry], policy: Policy, plan: Plan, progress: Progress | None = None
) -> dict[str, Any]:
    """The document of `downdraft replay`. Raises DataError for an archive that cannot serve."""
    began = time.perf_counter()
    entries = _chosen(archive, plan)
    config = _settle(entries, plan)
    told = tell(entries, plan)
    leads = _leads(told)
    answers = Labeller(policy, plan.cache).label(leads.values(), _named(progress, "label"))
    ledger = _ledger(told, leads, answers)
    alerts, bins = _judge(ledger, entries, config, plan, policy.checkpoint, progress)
    document = report(entries, ledger, alerts, plan.streams, bins, config, plan.events)
    return {**document, "seconds": round(time.perf_counter() - began, 2)}


def _chosen(archive: Iterable[Entry], plan: Plan) -> list[Entry]:
    """Entries in order of time, within the span asked for."""
    first = plan.since or datetime.min.replace(tzinfo=UTC)
    last = plan.until or datetime.max.replace(tzinfo=UTC)
    entries = sorted((e for e in archive if first <= e.at < last), key=lambda e: e.at)
    if not entries:
        raise DataError("the archive has no headlines in this span; check --from and --to")
    return entries


def _settle(entries: Sequence[Entry], plan: Plan) -> DetectorConfig:
    """Width of the bins and budget, where they are left to us."""
    timed = all(entry.timed for entry in entries)
    if plan.bin is not None and plan.bin < DAY and not timed:
        raise DataError("the archive gives days without a time; use --bin 1d")
    width = plan.bin or (HOUR if timed else DAY)
    budget = plan.budget if plan.budget is not None else BUDGET * len(plan.streams)
    return replace(plan.config, bin=width, alarms_per_week=budget)


def tell(entries: Sequence[Entry], plan: Plan) -> list[Told]:
    """Find each entry's story and targets: names in the title, and those the archive gives."""
    index = StoryIndex(STORY_WINDOW)
    names = frozenset(plan.names)
    told = []
    for number, entry in enumerate(entries):
        mark = signature(entry.title)
        story_id = index.find(mark, entry.at)
        if story_id is None:
            story_id = number
            index.add(story_id, mark, entry.at)
        given = [name for name in entry.names if name in names]
        targets = dict.fromkeys(("", *plan.watch_list.find(entry.title), *given))
        told.append(Told(entry, story_id, tuple(targets)))
    return told


def _leads(told: Sequence[Told]) -> dict[tuple[int, str], Ask]:
    """What to label: of each story, for each target, the first copy that speaks of it."""
    leads: dict[tuple[int, str], Ask] = {}
    for one in told:
        for target in one.targets:
            leads.setdefault((one.story_id, target), (one.entry.title, target))
    return leads


def _ledger(
    told: Sequence[Told], leads: Mapping[tuple[int, str], Ask], answers: Mapping[Ask, Answer]
) -> MemoryLedger:
    ledger = MemoryLedger()
    counted = set()
    for one in told:
        entry = one.entry
        ledger.add_copy(one.story_id, Copy(entry.origin, entry.url, entry.at))
        for target in one.targets:
            key = (one.story_id, target)
            answer = answers[leads[key]]
            for stream in counted_in(answer.topic, target):
                ledger.add_carrier(stream, entry.origin, entry.at)
                if key not in counted:
                    ledger.add_story(stream, _story(one, target, answer))
            counted.add(key)
    return ledger


def _story(one: Told, target: str, answer: Answer) -> LabelledStory:
    return LabelledStory(
        id=one.story_id,
        topic=answer.topic,
        target=target,
        title=one.entry.title,
        first_seen_at=one.entry.at,
        negative=answer.negative,
        probability_negative=answer.probability_negative,
        copies=(),
    )


def _judge(
    ledger: MemoryLedger,
    entries: Sequence[Entry],
    config: DetectorConfig,
    plan: Plan,
    checkpoint: str,
    progress: Progress | None,
) -> tuple[list[Alert], int]:
    """Every bin from the first entry's to the last's, in order. Alerts, and how many bins."""
    state = watch(plan.topics, plan.names, config)
    counts = {stream: _counts(ledger, stream, config.bin) for stream in state.streams}
    first, last = (_number(entry.at, config.bin) for entry in (entries[0], entries[-1]))
    alerts: dict[str, Alert] = {}
    for number in range(first, last + 1):
        start = datetime.fromtimestamp(0, UTC) + number * config.bin
        here = {stream: row[number] for stream, row in counts.items() if number in row}
        now = start + config.bin
        state, outcome = judge_bin(state, start, here, ledger, config, checkpoint, now)
        alerts.update((alert.id, alert) for alert in (*outcome.raised, *outcome.resolved))
        if progress and number % 256 == 0:
            progress("judge", number - first, last + 1 - first)
    return list(alerts.values()), last + 1 - first


def _number(at: datetime, width: timedelta) -> int:
    return (at - datetime.fromtimestamp(0, UTC)) // width


def _counts(ledger: MemoryLedger, stream: Stream, width: timedelta) -> dict[int, tuple[int, int]]:
    """Stories and negatives by number of bin."""
    bins = [_number(at, width) for at in ledger.times(stream)]
    n = Counter(bins)
    pairs = zip(bins, ledger.negatives(stream), strict=True)
    y = Counter(number for number, negative in pairs if negative)
    return {number: (n[number], y[number]) for number in n}


def _named(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(what, done, total)
