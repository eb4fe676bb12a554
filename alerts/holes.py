"""Telling a coverage hole: which alert speaks for it, which feeds it names, when it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from alerts import counts as nb
from alerts import lifecycle
from alerts.budget import share_out
from alerts.count_state import CountConfig, CountState
from alerts.counts import CountJudged
from alerts.ledger import Listening
from alerts.outcome import Bin, Counted, Note, Outcome, span
from alerts.rates import Counts, Floats, Mask
from alerts.types import Alert, Evidence, Stream

Shares = Callable[[], Floats]  # (streams,) q0, when asked for: in most bins nobody asks


@dataclass(frozen=True, slots=True)
class Hole:
    """The bin with what it said of each row, to be put into words."""

    here: Bin
    feeds: tuple[str, ...]
    state: CountState
    judged: CountJudged
    seen: Counts
    baseline: Shares
    config: CountConfig
    listening: Listening

    def stream(self, k: int) -> Stream:
        """The stream of row k; a feed speaks for the whole."""
        return self.here.streams[k] if k < len(self.here.streams) else Stream()

    def feed(self, k: int) -> str:
        return self.feeds[k - len(self.here.streams)] if k >= len(self.here.streams) else ""


def tell(
    look: Hole, incident: tuple[Alert, ...], silent: Mask
) -> tuple[tuple[Alert, ...], Outcome]:
    """Open, extend or close the incident: its alerts from now on, and what is new about it."""
    notes, counting = _new_levels(look), (partial(_counted, look),)
    if not np.count_nonzero(silent):
        end = look.here.until
        over = tuple(replace(a, status="resolved", resolved_at=end) for a in incident)
        return (), Outcome((), (), over, notes, (), counting)
    feeds = tuple(look.feed(k) for k in np.flatnonzero(silent).tolist() if look.feed(k))
    if not incident:
        raised = _open(look, silent, feeds)
        return raised, Outcome((), raised, (), notes, (), counting)
    parent, *children = incident
    told = {alert.stream for alert in incident}
    streams = [k for k in np.flatnonzero(silent).tolist() if not look.feed(k)]
    new = tuple(_alert(look, k, parent.id, ()) for k in streams if look.stream(k) not in told)
    named = tuple(dict.fromkeys((*parent.feeds, *feeds)))
    changed = () if named == parent.feeds else (replace(parent, feeds=named),)
    still = (*(changed or (parent,)), *children, *new)
    return still, Outcome((), new, (), notes, changed, counting)


def _open(look: Hole, silent: Mask, feeds: tuple[str, ...]) -> tuple[Alert, ...]:
    """The stream furthest below speaks, the others are its children; without one, the feed."""
    margin = look.judged.log_evidence - look.judged.log_threshold
    rows = sorted(np.flatnonzero(silent).tolist(), key=lambda k: (bool(look.feed(k)), -margin[k]))
    parent = _alert(look, rows[0], None, feeds)
    streams = [k for k in rows[1:] if not look.feed(k)]
    return (parent, *(_alert(look, k, parent.id, ()) for k in streams))


def _alert(look: Hole, k: int, parent: str | None, feeds: tuple[str, ...]) -> Alert:
    here, number = look.here, int(look.judged.onset[k])
    stream, onset, evidence = look.stream(k), here.time(number), _evidence(look, [k])[0]
    level = float(look.judged.log_threshold[k])
    budget = share_out(here.config.coverage_alarms_per_week, look.state.rows, here.config.bin)
    stories, negatives, expected = _since(look, k, number, feeds)
    return Alert(
        id=lifecycle.alert_id("coverage_hole", stream, here.start),
        stream=stream,
        kind="coverage_hole",
        severity=lifecycle.severity(evidence.log_evidence, level),
        status="firing",
        onset=onset,
        raised_at=here.until,
        evidence=evidence,
        stories_since_onset=stories,
        negatives_since_onset=negatives,
        baseline=evidence.baseline,
        stories=(),
        checkpoint=here.checkpoint,
        budget=replace(budget, threshold=float(np.exp(level))),
        parent=parent,
        expected=expected,
        feeds=feeds,
    )


def _since(look: Hole, k: int, first: int, feeds: tuple[str, ...]) -> tuple[int, int, float]:
    """Stories, negatives and the stories that are usual, since bin `first`: of the stream, or
    of all the silent feeds together where it is them that the alert is about."""
    here = look.here

    usual = nb.expected_since(look.state, first, here.number, look.config).tolist()
    since = here.time(first)
    if not look.feed(k):
        told = here.ledger.stories(look.stream(k), since, here.until)
        return len(told), sum(story.negative for story in told), usual[k]
    rows = [len(here.streams) + look.feeds.index(feed) for feed in feeds]
    brought = sum(look.listening.articles_of(feed, since, here.until) for feed in feeds)
    return brought, 0, sum(usual[row] for row in rows)


def _evidence(look: Hole, rows: list[int]) -> list[Evidence]:
    """What the bin said of the rows named."""
    if not rows:
        return []
    here = look.here
    usual = nb.expected_since(look.state, here.number, here.number, look.config).tolist()
    share = look.baseline().tolist()
    return [_of_row(look, k, usual[k], share[0 if look.feed(k) else k]) for k in rows]


def _of_row(look: Hole, k: int, usual: float, baseline: float) -> Evidence:
    here, stream = look.here, look.stream(k)
    own = not look.feed(k)
    return Evidence(
        stream=stream,
        start=here.start,
        width=here.config.bin,
        stories=int(look.seen[k]),
        negatives=int(here.tally[k, 1]) if own else 0,
        baseline=baseline,
        log_evidence=float(look.judged.log_evidence[k]),
        gain=float(look.judged.gain[k]),
        expected=usual,
    )


def _counted(look: Hole) -> tuple[Counted, ...]:
    falling = np.flatnonzero(look.judged.s_max > 0).tolist()
    told = zip(falling, _evidence(look, falling), strict=True)
    return tuple(Counted("coverage_hole", look.feed(k), evidence) for k, evidence in told)


def _new_levels(look: Hole) -> tuple[Note, ...]:
    rows = look.judged.new_level.nonzero()[0].tolist()
    lasted = span(look.config.freeze_limit) if rows else ""
    return tuple(
        Note(
            look.stream(k),
            f"coverage_hole: {look.feed(k) or 'the stream'} has been quiet for {lasted}: "
            "this is its level now",
        )
        for k in rows
    )
