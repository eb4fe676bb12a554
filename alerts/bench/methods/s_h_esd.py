"""Twitter's Seasonal Hybrid ESD, on shares of six hours.

Hochenbaum, Vallis, Kejariwal, "Automatic anomaly detection in the cloud via statistical learning",
arXiv 1704.07706. A batch method: at each new bin the last 28 days are decomposed (median of each
time of day, then the median of the rest) and tested by Rosner's generalised ESD with median and
MAD in place of mean and sd, one-sided, for at most a tenth of all points. It alarms when the
newest point is among the anomalies; `score` is the strictest −ln α at which it still is.
"""

from __future__ import annotations

import numpy as np
from scipy.special import stdtr

from alerts.bench.alarms import Hits, Method, scores
from alerts.bench.streams import Block
from alerts.bench.windows import DAY, Floats, ago, forgetting, rolling

BIN = 6  # hours
PERIOD = DAY // BIN
WINDOW = 28 * PERIOD  # points
MOST = 0.1  # of the points may be anomalies
MAD_TO_SD = 1.4826
CERTAIN = 700.0  # −ln of the smallest α that a float holds


def residuals(windows: Floats) -> Floats:
    """(…, WINDOW) without the median of each time of day and the median of what is left."""
    days = windows.reshape(*windows.shape[:-1], -1, PERIOD)
    rest = (days - np.median(days, axis=-2, keepdims=True)).reshape(windows.shape)
    return np.asarray(rest - np.median(rest, axis=-1, keepdims=True))


def last_point(windows: Floats) -> Floats:
    """(N, WINDOW) → (N,): −ln of the smallest α at which the last point is an anomaly; else 0.

    Step i removes the largest of what is left; with i₀ the step that removes the last point, it
    is an anomaly at α if R_i > λ_i(α) at any step i ≥ i₀ (Rosner takes the last such step).
    """
    rest = residuals(windows)
    ordered = np.sort(rest, axis=1)
    rank = (rest > rest[:, -1:]).sum(axis=1)  # points that are removed before the last
    size = windows.shape[1]
    strongest = np.zeros(len(windows))
    for i in range(int(MOST * size)):
        left = ordered[:, : size - i]
        middle = np.median(left, axis=1, keepdims=True)
        spread = MAD_TO_SD * np.median(np.abs(left - middle), axis=1)
        r = (left[:, -1] - middle[:, 0]) / np.maximum(spread, 1e-12)
        r = np.where(spread > 0, r, 0.0)  # a flat series has no anomalies
        strongest = np.where(i >= rank, np.maximum(strongest, strictness(r, size - i)), strongest)
    return strongest


def strictness(r: Floats, size: int) -> Floats:
    """−ln α at which Grubbs's λ for `size` points equals r, one-sided; 0 for α ≥ 1."""
    room = (size - 1) ** 2 - size * r**2
    squared = size * (size - 2) * r**2 / np.maximum(room, 1e-12)
    alpha = size * stdtr(size - 2, -np.sqrt(squared))
    strict = -np.log(np.clip(alpha, np.exp(-CERTAIN), 1.0))
    certain = CERTAIN + r  # beyond what an sd would allow; MAD does
    return np.where(r > 0, np.where(room > 0, strict, certain), 0.0)


def read(block: Block) -> Hits:
    """The share of each six hours; where nothing was said, that of the days before."""
    n, y = (rolling(counts, BIN)[BIN - 1 :: BIN] for counts in (block.n, block.y))
    usual = (ago(forgetting(y, WINDOW), 1) + 1) / (ago(forgetting(n, WINDOW), 1) + 4)
    share = np.where(n > 0.5, y / np.maximum(n, 1), usual)
    values = np.full(block.n.shape, -np.inf)
    views = np.lib.stride_tricks.sliding_window_view(share, WINDOW, axis=0)
    for row, window in enumerate(views):
        values[(row + WINDOW) * BIN - 1] = last_point(np.ascontiguousarray(window))
    return scores(values, block)


_LADDER = np.concatenate([np.linspace(0.1, 60.0, 600), np.geomspace(61, 5000, 100)])
S_H_ESD = Method("s_h_esd", "Hochenbaum et al., arXiv 1704.07706", read, _LADDER, slow=True)
