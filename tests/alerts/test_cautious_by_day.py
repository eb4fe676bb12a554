"""Bins of a day are judged with more caution than those of an hour, by whoever sets their width."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from alerts import baseline as base
from alerts.detector import DetectorConfig

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_the_same_counts_are_expected_to_be_worse_by_the_day_than_by_the_hour() -> None:
    known = base.Baseline(*(np.full(3, each) for each in (60.0, 180.0, 40.0, 1000.0)))
    by_hour, by_day = (DetectorConfig(bin=width).prior for width in (HOUR, DAY))
    hourly, daily = (base.expected_share(known, prior, 0.005) for prior in (by_hour, by_day))
    assert (daily > hourly).all()
    assert (base.dispersion(known, by_day) > base.dispersion(known, by_hour)).all()
    assert DetectorConfig(bin=timedelta(hours=6)).prior == by_hour
