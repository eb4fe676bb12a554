"""Filters of the templates: times and figures as words, a sparkline as an SVG path."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.web.streams import TRAIL, TrailPoint

SPARK_WIDTH, SPARK_HEIGHT = 96, 22  # units of the sparkline's view box
SPARK_TOP = 0.7


def spark(trail: Sequence[TrailPoint], now: datetime) -> str:
    """An SVG path over the last three days; gaps are left out."""
    steps: list[str] = []
    pen_down = False
    for point in trail:
        if point.share is None:
            pen_down = False
            continue
        across = 1 - (now - point.at) / TRAIL
        steps.append(
            f"{'L' if pen_down else 'M'}{across * SPARK_WIDTH:.1f} {spark_y(point.share):.1f}"
        )
        pen_down = True
    return "".join(steps)


def spark_y(share: float) -> float:
    """No share at the bottom, SPARK_TOP and above at the top: a higher top flattens the rest."""
    return 1 + (1 - min(1.0, share / SPARK_TOP)) * (SPARK_HEIGHT - 2)


def percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def clock_time(at: datetime | None, now: datetime) -> str:
    """`09:12` today, `3 Mar 09:12` on another day, `never`."""
    if at is None:
        return "never"
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at.day} {at:%b %H:%M}"


def duration(span: timedelta) -> str:
    """`45 min`, `6 h 10 min`, `3 d 4 h`."""
    minutes = max(0, round(span.total_seconds() / 60))
    hours, days = minutes // 60, minutes // 1440
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if not days else f"{days} d {hours % 24} h"
