"""Pictures of a back-test as SVG paths: share, baseline and band over the evidence. Pure geometry.

A chart has two panels over one axis of time. All lengths are units of the view box.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alerts.types import Evidence

WIDTH, LEFT, RIGHT = 960.0, 56.0, 950.0
SHARE_TOP, SHARE_BOTTOM = 22.0, 160.0
EVIDENCE_TOP, EVIDENCE_BOTTOM = 180.0, 240.0
HEIGHT = 262.0

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
_POINTS = 452  # a point every other unit
_WINDOWS = tuple(timedelta(hours=hours) for hours in (3, 6, 12, 24, 72, 168, 336, 672))
LEGIBLE = 30  # stories in a window, on average, below which its share jumps about too much
_TICKS = ("D", "2D", "5D", "10D", "MS", "2MS", "QS", "2QS", "YS", "2YS", "5YS", "10YS")
_MOST_TICKS = 9
_SURE = 1.96  # standard deviations that hold 95 % of shares
_CUT = 3.0  # evidence above so many times ln A is drawn at the edge


@dataclass(frozen=True, slots=True)
class Column:
    """One stream's bins with stories, in order of time."""

    start: Floats  # (T,) seconds since 1970
    stories: Floats
    negatives: Floats
    baseline: Floats  # q0
    log_evidence: Floats
    rho: float  # correlation of two stories of one bin
    width: float  # of a bin, seconds


@dataclass(frozen=True, slots=True)
class View:
    """The time that a chart shows."""

    first: datetime
    last: datetime

    def x(self, at: datetime) -> float:
        part = (at - self.first) / max(self.last - self.first, timedelta(seconds=1))
        return LEFT + (RIGHT - LEFT) * min(1.0, max(0.0, part))

    def holds(self, at: datetime) -> bool:
        return self.first <= at <= self.last


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws: paths, and where the axes say what."""

    window: timedelta  # what each share is taken over
    share: str
    baseline: str
    band: str  # where 95 % of the shares fall while the baseline holds
    evidence: str
    threshold: float  # y of ln A
    shares: tuple[Tick, ...]
    nats: tuple[Tick, ...]
    times: tuple[Tick, ...]


def column(bins: Sequence[Evidence], rho: float) -> Column:
    """`bins`: of one stream, at least one, in order of time."""
    rows = np.array(
        [(b.start.timestamp(), b.stories, b.negatives, b.baseline, b.log_evidence) for b in bins]
    )
    start, stories, negatives, baseline, log_evidence = rows.T
    width = bins[0].width.total_seconds()
    return Column(start, stories, negatives, baseline, log_evidence, rho, width)


def draw(data: Column, view: View, log_threshold: float, legible: float = LEGIBLE) -> Chart | None:
    """None where the stream has no stories in the view. `legible`: stories that a share is of."""
    shown = _between(data, view)
    if not len(shown):
        return None
    window = legible_window(data, shown, view, legible)
    at = _thinned(shown)
    share, usual, spread = _rolling(data, at, window.total_seconds())
    top = _top(share, usual + spread)
    x = _across(data.start[at] + data.width, view)
    breaks = np.diff(data.start[at], prepend=-np.inf) > _gap(data, at, window)
    peaks = np.maximum.reduceat(data.log_evidence[shown], _starts(shown, at))
    highest = max(1.2 * log_threshold, min(float(peaks.max()), _CUT * log_threshold))
    return Chart(
        window=window,
        share=_path(x, _share_y(share, top), breaks),
        baseline=_path(x, _share_y(usual, top), breaks),
        band=_band(x, _share_y(usual - spread, top), _share_y(usual + spread, top), breaks),
        evidence=_path(x, _nat_y(peaks, highest), breaks),
        threshold=float(_nat_y(np.array([log_threshold]), highest)[0]),
        shares=_share_ticks(top),
        nats=(Tick(EVIDENCE_BOTTOM, "0"), Tick(_nat_at(log_threshold, highest), "ln A")),
        times=tuple(ticks(view)),
    )


def legible_window(data: Column, shown: Rows, view: View, legible: float) -> timedelta:
    """The shortest window that holds enough stories, a bin, and some breadth of the picture."""
    span = view.last - view.first
    stories = float(data.stories[shown].sum())
    for window in _WINDOWS:
        wide = window.total_seconds() >= data.width and window >= span / 150
        if wide and stories * (window / max(span, window)) >= legible:
            return window
    return _WINDOWS[-1]


def ticks(view: View) -> Iterator[Tick]:
    """A handful of round dates."""
    days = pd.Timestamp(view.first).floor("D"), pd.Timestamp(view.last)
    for step in _TICKS:
        dates = [at.to_pydatetime() for at in pd.date_range(*days, freq=step)]
        dates = [at for at in dates if view.holds(at)]
        if len(dates) <= _MOST_TICKS:
            break
    for at in dates:
        yield Tick(round(view.x(at), 1), _date(at, step))


def _date(at: datetime, step: str) -> str:
    if step.endswith("YS"):
        return f"{at:%Y}"
    return f"{at:%b %Y}" if step.endswith(("MS", "QS")) else f"{at.day} {at:%b}"


def _between(data: Column, view: View) -> Rows:
    first, last = view.first.timestamp(), view.last.timestamp()
    return np.flatnonzero((data.start >= first) & (data.start <= last))


def _thinned(shown: Rows) -> Rows:
    """The last bin of each of at most _POINTS stretches."""
    ends = np.linspace(0, len(shown), min(_POINTS, len(shown)) + 1).astype(np.int64)[1:]
    return shown[np.unique(ends) - 1]


def _starts(shown: Rows, at: Rows) -> Rows:
    """Where in `shown` the stretch that ends at each of `at` begins."""
    return np.concatenate([[0], np.searchsorted(shown, at)[:-1] + 1]).astype(np.int64)


def _rolling(data: Column, at: Rows, window: float) -> tuple[Floats, Floats, Floats]:
    """Share, mean baseline, and the half-width of its band, of the window that ends with each bin.

    The variance of a bin's negatives is that of the beta-binomial: n(1 + (n−1)ρ) q(1−q).
    """
    n, q = data.stories, data.baseline
    first = np.searchsorted(data.start, data.start[at] + data.width - window - 1e-6)
    inflated = n * (1 + np.maximum(n - 1, 0) * data.rho) * q * (1 - q)
    stories = _summed(n, first, at)
    usual = _summed(n * q, first, at) / stories
    spread = _SURE * np.sqrt(_summed(inflated, first, at)) / stories
    return _summed(data.negatives, first, at) / stories, usual, spread


def _summed(values: Floats, first: Rows, last: Rows) -> Floats:
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return np.asarray(sums[last + 1] - sums[first])


def _gap(data: Column, at: Rows, window: timedelta) -> float:
    """Seconds without stories after which a line is broken."""
    usual = float(np.median(np.diff(data.start[at]))) if len(at) > 1 else 0.0
    return max(3 * usual, 2 * window.total_seconds(), 3 * data.width)


def _across(seconds: Floats, view: View) -> Floats:
    first, last = view.first.timestamp(), view.last.timestamp()
    part = (seconds - first) / max(1.0, last - first)
    return LEFT + (RIGHT - LEFT) * np.clip(part, 0, 1)


def _top(share: Floats, high: Floats) -> float:
    """Of the share's axis, a round tenth: a first week without a baseline may be cut off."""
    highest = max(float(np.quantile(share, 0.99)), float(np.median(high)))
    return float(min(1.0, max(0.4, np.ceil(10 * highest + 0.3) / 10)))


def _share_y(share: Floats, top: float) -> Floats:
    part = np.clip(share / top, 0, 1)
    return np.asarray(SHARE_BOTTOM - (SHARE_BOTTOM - SHARE_TOP) * part)


def _nat_y(nats: Floats, highest: float) -> Floats:
    part = np.clip(nats / highest, 0, 1)
    return np.asarray(EVIDENCE_BOTTOM - (EVIDENCE_BOTTOM - EVIDENCE_TOP) * part)


def _nat_at(nats: float, highest: float) -> float:
    return round(float(_nat_y(np.array([nats]), highest)[0]), 1)


def _share_ticks(top: float) -> tuple[Tick, ...]:
    step = 0.1 if top <= 0.5 else 0.2 if top <= 0.8 else 0.25
    shares = np.arange(0, top + 1e-9, step)
    heights = _share_y(shares, top)
    return tuple(
        Tick(round(float(y), 1), f"{100 * s:.0f} %") for s, y in zip(shares, heights, strict=True)
    )


def _path(x: Floats, y: Floats, breaks: Mask) -> str:
    points = zip(np.where(breaks, "M", "L"), x, y, strict=True)
    return "".join(f"{pen}{across:.1f} {down:.1f}" for pen, across, down in points)


def _band(x: Floats, low: Floats, high: Floats, breaks: Mask) -> str:
    """A closed shape for each stretch without a break."""
    shapes = []
    for part in np.split(np.arange(len(x)), np.flatnonzero(breaks)):
        if len(part):
            there = [f"{x[i]:.1f} {high[i]:.1f}" for i in part]
            back = [f"{x[i]:.1f} {low[i]:.1f}" for i in part[::-1]]
            shapes.append(f"M{'L'.join(there + back)}Z")
    return "".join(shapes)
