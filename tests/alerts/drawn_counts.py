"""Three streams drawn by the number of the bin, and a detector that lives through them."""

from __future__ import annotations

import numpy as np

from alerts import detector
from alerts.detector import DetectorConfig, DetectorState

CONFIG = DetectorConfig()


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def counts(t: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(t)
    n = rng.poisson((9, 3, 0.4))
    return n, rng.binomial(n, (0.3, 0.7 if 500 < t < 560 else 0.3, 0.2))


def run(state: DetectorState, bins: range) -> DetectorState:
    for t in bins:
        state, _ = detector.step(state, *counts(t), t, CONFIG)
    return state
