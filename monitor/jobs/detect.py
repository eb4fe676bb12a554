"""detect: counted labels → evidence, alerts and their deliveries, all in one transaction.

A bin is closed once: when its time is over, a grace has passed and no article first seen in it
still waits for its label. Until then each tick looks at it provisionally, so that a spike is
announced within minutes and not at the end of the hour.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from alerts.detector import DetectorConfig
from alerts.rebase import Change
from alerts.watch import WatchState, judge_bin
from monitor import memory, near_misses
from monitor.announcements import Round, announce, announce_growth
from monitor.bars import bars as bars_of
from monitor.context import Context
from monitor.label_errors import with_errors
from monitor.learning import rescored
from monitor.listening import listening
from monitor.store import articles, bins, companions, detection, labels
from monitor.store.detection import Cursor, SqlLedger
from monitor.store.engine import Transaction
from monitor.watching import config_of, streams_of

log = structlog.get_logger()

_GRACE = timedelta(minutes=2)  # for a poll that began before the bin's end
_BINS_A_TICK = 200  # after a long stop: many short transactions rather than a long one
_A_MOMENT = timedelta(seconds=1)
_AHEAD = timedelta(days=1)  # a clock that was further ahead has left bins that nobody waits for
_PATIENCE = timedelta(hours=6)  # a backlog older than this no longer holds the bin open


def detect(context: Context) -> bool:
    """Closes the bins that are over, then looks at the open one."""
    with context.store.write() as tx:
        now = context.clock()
        config = replace(config_of(context.settings), bars=bars_of(tx, now))
        at = detection.cursor(tx, _first_cursor(tx, context, config, now))
        this = Round(context, tx, config, _caught_up(now, at))
        watch, at = _resume(this, at)
        detection.place_labels(tx, at.open_bin, at.width)
        companions.remember_heard(tx, at.open_bin, at.width)
        start = at.open_bin
        while _is_over(this, at) and at.open_bin < start + _BINS_A_TICK * at.width:
            watch = _judge(this, watch, at.open_bin, provisional=False)
            at = replace(at, open_bin=at.open_bin + at.width)
        more = _is_over(this, at)
        if not more:
            watch = _judge(this, watch, at.open_bin, provisional=True)
            announce_growth(this, watch.open.values())
        if at.open_bin > start or watch.checkpoint != at.checkpoint:
            _keep(this, watch, at)
    return more


def _caught_up(now: datetime, at: Cursor) -> datetime:
    """After a clock was set back the open bin goes on, and is looked at, until time is there."""
    return at.open_bin + _A_MOMENT if now <= at.open_bin <= now + _AHEAD else now


def _first_cursor(
    tx: Transaction, context: Context, config: DetectorConfig, now: datetime
) -> Cursor:
    begin = articles.first_seen(tx) or now
    return Cursor(detection.floor(begin, config.bin), config.bin, context.policy.checkpoint)


def _resume(this: Round, at: Cursor) -> tuple[WatchState, Cursor]:
    """The detector as the last closed bin left it; anew where the width of bins has changed."""
    streams = streams_of(this.context.settings)
    if at.width != this.config.bin:
        log.warning("detect.restarted", reason="detect.bin_minutes changed", was=str(at.width))
        memory.forget(this.tx)
        at = replace(at, open_bin=detection.floor(this.now, this.config.bin), width=this.config.bin)
    if at.open_bin > this.now:
        open_bin = detection.floor(this.now, at.width)
        log.warning("detect.restarted", reason="the clock was ahead", until=at.open_bin.isoformat())
        detection.pull_back(this.tx, at.open_bin, open_bin, at.width)
        at = replace(at, open_bin=open_bin)
        detection.set_cursor(this.tx, at)
    return memory.recall(this.tx, streams, this.config, at.checkpoint), at


def _is_over(this: Round, at: Cursor) -> bool:
    end = at.open_bin + at.width
    if this.now < end + _GRACE:
        return False
    owed = labels.oldest_owed(this.tx)
    return owed is None or owed >= end or this.now > end + _PATIENCE


def _judge(this: Round, watch: WatchState, start: datetime, provisional: bool) -> WatchState:
    before = watch
    watch, outcome = judge_bin(
        watch,
        start,
        detection.counts(this.tx, start),
        SqlLedger(this.tx),
        this.config,
        this.context.policy.checkpoint,
        this.now,
        provisional,
        listening(this.tx, start, this.config),
        _change(this, watch.checkpoint),
    )
    bins.keep(this.tx, outcome.evidence)
    if not provisional:
        near_misses.remember(this.tx, before, watch, this.config, start)
    companions.keep_bins(this.tx, outcome.counted)
    announce(this, outcome)
    for note in outcome.notes:
        (log.debug if provisional else log.info)(
            "detect.note", stream=str(note.stream), reason=note.reason
        )
    return watch


def _change(this: Round, before: str) -> Change | None:
    """What is known of the step to the checkpoint that labels now, if it is another."""
    after = this.context.policy.checkpoint
    if before in ("", after):
        return None
    change = rescored.change(this.tx, before, after, this.now)
    return with_errors(this.tx, this.context.settings, change, before, after)


def _keep(this: Round, watch: WatchState, at: Cursor) -> None:
    memory.keep(this.tx, watch)
    detection.set_cursor(this.tx, replace(at, checkpoint=watch.checkpoint))
