"""All detectors under test, by name. Each file can be read beside its paper."""

from __future__ import annotations

from alerts.bench.alarms import Method
from alerts.bench.methods import cusum, ears, ours, river_drift, s_h_esd, share

METHODS: tuple[Method, ...] = (
    ours.PROMISED,
    ours.CALIBRATED,
    share.FIXED,
    share.Z_6H,
    share.Z_24H,
    ears.C2,
    ears.C3,
    ears.W2,
    share.EWMA,
    cusum.NEGATIVE_BINOMIAL,
    cusum.BINOMIAL,
    river_drift.ADWIN,
    river_drift.PAGE_HINKLEY,
    s_h_esd.S_H_ESD,
    cusum.ORACLE,
)


def available() -> tuple[Method, ...]:
    """Those that can run here: without the package `river` two cannot."""
    missing = river_drift.missing()
    return tuple(m for m in METHODS if not (missing and m in river_drift.ALL))


def named(name: str) -> Method:
    """The method of that name; KeyError for none."""
    return {method.name: method for method in METHODS}[name]
