"""What another configuration would have done: the store's labelled stories through the detector
once as things stand and once as they would be. Nothing is labelled anew and nothing is written.

What no headline was ever labelled towards cannot be known, and is said rather than guessed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from alerts.ledger import LabelledStory
from alerts.lifecycle import stories_of
from alerts.types import Alert, Stream
from alerts.wording import rfc3339
from monitor.config import Settings
from monitor.errors import DataError
from monitor.events import RUN_IN
from monitor.replay_judge import Judgement, Span, judge
from monitor.replay_ledger import MemoryLedger, number_of
from monitor.replay_report import shown
from monitor.store import history
from monitor.store.engine import Store
from monitor.store.history import Counted
from monitor.watching import config_of, pairs_of, streams_of
from monitor.worth import Opinion, of_fired, opinions, told_by

LOOK_BACK = timedelta(days=90)
# What these would have said hangs on polls and on sentiments that are not kept for long.
UNTRIED = ("coverage_alarms_per_week", "positive_alarms_per_week")

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Past:
    """What the store knows of the time in question, and of the run-in before it."""

    ledger: MemoryLedger
    rows: Sequence[Counted]
    since: datetime  # alerts from here on are told; before, the detector only learns
    ever: frozenset[str]  # names that headlines were labelled towards
    judged: Sequence[Opinion]  # what analysts hold of the alerts of that time

    @property
    def first(self) -> datetime:
        return self.rows[0].at

    @property
    def last(self) -> datetime:
        return self.rows[-1].at


def what_if(
    store: Store, present: Settings, changed: Settings, progress: Progress | None = None
) -> dict[str, Any]:
    """What would have fired under `changed`, beside what fires under `present`.

    Raises DataError for a store without labelled stories.
    """
    past = remember(store)
    before = _fired(past, present, _named(progress, "at present"))
    after = _fired(past, changed, _named(progress, "changed"))
    told, kept = stories_of(before), stories_of(after)
    return {
        "since": rfc3339(past.since),
        "until": rfc3339(past.last),
        "days": round((past.last - past.since) / timedelta(days=1), 1),
        "run_in_days": round((past.since - past.first) / timedelta(days=1), 1),
        "stories": len(past.ledger.times(Stream())),
        "labels": len(past.rows),
        "changes": list(changes(present, changed)),
        "unknowable": _unknowable(past, changed),
        "present": _document(before, present, kept, "kept")
        | {"judged": of_fired(before, past.judged).document()},
        "changed": _document(after, changed, told, "at_present")
        | {"judged": of_fired(after, past.judged).document()},
    }


def remember(store: Store) -> Past:
    """Everything in one read, so that the daemon is not held up while we reckon."""
    with store.read() as tx:
        newest = history.newest(tx)
        if newest is None:
            raise DataError("the store has no labelled stories yet; let the daemon run first")
        rows = history.since(tx, newest - LOOK_BACK - RUN_IN)
        ever = history.targets(tx)
        since = max(rows[0].at, newest - LOOK_BACK)
        judged = opinions(tx, since)
    return Past(ledger_of(rows), rows, since, ever, judged)


def ledger_of(rows: Sequence[Counted]) -> MemoryLedger:
    ledger = MemoryLedger()
    for row in rows:
        if not row.target:
            ledger.add_copy(row.story_id, row.origin, row.url, row.seen_at)
        ledger.add_carrier(row.topic, row.target, row.origin, row.at)
        if row.lead:
            ledger.add_story(_story(row))
    return ledger


def _story(row: Counted) -> LabelledStory:
    return LabelledStory(
        id=row.story_id,
        topic=row.topic,
        target=row.target,
        title=row.title,
        first_seen_at=row.at,
        negative=row.negative,
        probability_negative=row.probability_negative,
        copies=(),
        fallback=row.fallback,
    )


def _fired(
    past: Past, settings: Settings, progress: Callable[[int, int], None] | None
) -> list[Alert]:
    """Alerts of the time in question, children too; the run-in's are only learned from."""
    config = config_of(settings)
    config = replace(config, coverage_alarms_per_week=0.0, positive_alarms_per_week=0.0)
    served = checkpoints(past.rows, config.bin)
    span = Span(past.first, past.last, past.rows[0].checkpoint, served)
    found: Judgement = judge(past.ledger, streams_of(settings), config, span, progress)
    return [alert for alert in found.alerts if alert.raised_at > past.since]


def checkpoints(rows: Sequence[Counted], width: timedelta) -> dict[int, str]:
    """Who labelled most of each bin, so that a promotion re-bases here as it did then."""
    served: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if not row.fallback:
            served[number_of(row.at, width)][row.checkpoint] += 1
    return {number: given.most_common(1)[0][0] for number, given in served.items()}


def changes(present: Settings, changed: Settings) -> Iterator[str]:
    """What differs of all that a detector is told, a line each."""
    was, is_now = present.detect.model_dump(), changed.detect.model_dump()
    for key, value in is_now.items():
        if key == "topics":
            yield from _listed("topic", was[key], value)
        elif value != was[key]:
            untried = ", which cannot be tried on the past" if key in UNTRIED else ""
            yield f"detect.{key}: {was[key]} → {value}{untried}"
    yield from _listed("owned outlet", *(_owned(each) for each in (present, changed)))
    names = [[entry.name for entry in each.watch] for each in (present, changed)]
    yield from _listed("watched name", *names)
    pairs = ([str(Stream(*pair)) for pair in pairs_of(each)] for each in (present, changed))
    yield from _listed("watched together", *pairs)
    aliases = {entry.name: entry.aliases for entry in present.watch}
    for entry in changed.watch:
        if entry.name in aliases and set(entry.aliases) != set(aliases[entry.name]):
            yield f"aliases of {entry.name}: what was labelled under the old ones is counted"


def _owned(settings: Settings) -> list[str]:
    owned = settings.owners.items()
    return [f"{outlet} ({owner})" for owner, outlets in owned for outlet in outlets]


def _listed(what: str, was: Sequence[str], is_now: Sequence[str]) -> Iterator[str]:
    yield from (f"{what} added: {name}" for name in is_now if name not in was)
    yield from (f"{what} dropped: {name}" for name in was if name not in is_now)


def _unknowable(past: Past, changed: Settings) -> list[str]:
    return [entry.name for entry in changed.watch if entry.name not in past.ever]


def _document(
    alerts: Sequence[Alert], settings: Settings, others: frozenset[int], word: str
) -> dict[str, Any]:
    """`word`: whether the other configuration alarms about the same stories."""
    parents = [alert for alert in alerts if alert.parent is None]
    rows = [
        shown(alert, alerts, settings.detect.width)
        | {word: not others.isdisjoint(told_by(alert, alerts))}
        for alert in parents
    ]
    return {
        "fired": len(parents),
        "alarms_per_week": settings.detect.alarms_per_week,
        "streams": len(streams_of(settings)),
        "alerts": sorted(rows, key=lambda row: str(row["at"])),
    }


def _named(progress: Progress | None, what: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(what, done, total)
