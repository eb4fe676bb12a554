"""What window methods share: hours, sums over hours, and averages that forget."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]

DAY, WEEK = 24, 168  # hours
HALF_LIFE = 14 * DAY  # of baselines, as the detector's own
PRIOR_SHARE, PRIOR_STRENGTH = 0.25, 4.0


def rolling(values: NDArray[Any], width: int) -> Floats:
    """Sums over the last `width` rows, the current one included."""
    total = np.cumsum(values, axis=0, dtype=np.float64)
    total[width:] -= total[:-width].copy()
    return total


def ago(values: Floats, rows: int) -> Floats:
    """What stood there `rows` rows earlier; 0 before the first."""
    earlier = np.zeros_like(values)
    earlier[rows:] = values[:-rows]
    return earlier


def forgetting(values: NDArray[Any], half_life: float) -> Floats:
    """Sums over all rows so far, a row of `half_life` rows ago weighing half."""
    return np.asarray(lfilter([1.0], [1.0, -(0.5 ** (1 / half_life))], values, axis=0))


def learned_share(n: Counts, y: Counts) -> Floats:
    """The share of negatives known at each hour: forgets, and lags by a day."""
    known = ago(forgetting(n, HALF_LIFE), DAY) + PRIOR_STRENGTH
    return (ago(forgetting(y, HALF_LIFE), DAY) + PRIOR_SHARE * PRIOR_STRENGTH) / known
