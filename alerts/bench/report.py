"""Findings as the document of `downdraft detect-bench --json`, and as lines to read."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from alerts.bench.protocol import Finding


def document(findings: Iterable[Finding]) -> dict[str, dict[str, Any]]:
    """{regime: {method: figures}}; hours that no quantile reaches are None."""
    found: dict[str, dict[str, Any]] = {}
    for one in findings:
        found.setdefault(one.regime, {})[one.method] = record(one)
    return found


def record(one: Finding) -> dict[str, Any]:
    rate, delay = one.rate, one.delay
    return {
        "promised_rate": round(one.promised, 6),
        "measured_rate": round(rate.measured, 6),
        "ci": [round(rate.low, 6), round(rate.high, 6)],
        "measured_over_promised": round(rate.measured / one.promised, 3),
        "alarms": rate.alarms,
        "stream_weeks": round(rate.stream_weeks, 1),
        "threshold": round(one.threshold, 4),
        "calibrated": one.calibrated,
        "delay_hours": {
            "median": hours(delay.median),
            "p90": hours(delay.p90),
            "restricted_mean": round(delay.restricted_mean, 2),
            "median_ci": [hours(delay.median_low), hours(delay.median_high)],
        },
        "detected": round(delay.detected, 4),
        "detected_ci": [round(delay.detected_low, 4), round(delay.detected_high, 4)],
        "shifts": delay.shifts,
    }


def hours(value: float) -> float | None:
    return value if math.isfinite(value) else None


HEADING = f"{'':<24}{'false alarms, of promised':<28}{'delay, hours: median, p90':<32}detected"


def line(name: str, figures: dict[str, Any]) -> str:
    promised = figures["promised_rate"]
    low, high = (bound / promised for bound in figures["ci"])
    rate = f"{figures['measured_over_promised']:.2f} ({low:.2f}–{high:.2f})"
    delay = figures["delay_hours"]
    first, last = delay["median_ci"]
    median = f"{said(delay['median'])} ({said(first)}–{said(last)}), {said(delay['p90'])}"
    return f"  {name:<22}{rate:<28}{median:<32}{figures['detected']:.2f}"


def said(value: float | None) -> str:
    return ">72" if value is None else f"{value:g}"
