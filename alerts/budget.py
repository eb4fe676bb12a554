"""The promise: how many false alarms a week, and what threshold keeps it."""

from __future__ import annotations

from datetime import timedelta

from alerts.types import Budget

WEEK = timedelta(days=7)


def share_out(alarms_per_week: float, streams: int, width: timedelta) -> Budget:
    """Give each of K streams an equal part of F false alarms a week.

    A = K · bins a week / F: under the null an e-detector needs at least A bins on average to
    reach A (Shin, Ramdas and Rinaldo, E-detectors), so that K streams raise at most F a week.
    K is what is declared, never what the news happens to mention: the promise stands still.
    """
    if alarms_per_week <= 0 or streams < 1:
        raise ValueError("a budget needs at least one stream and more than 0 alarms a week")
    bins = WEEK / width
    return Budget(
        alarms_per_week=alarms_per_week,
        streams=streams,
        threshold=max(2.0, streams * bins / alarms_per_week),
        bins_per_week=bins,
    )
