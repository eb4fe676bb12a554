"""Which label an analyst is shown, with its propensity. Labels that are counted are not touched."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

EPSILON = 0.02
_LIKELY = 0.02  # labels less likely than this are never tried: an analyst's time is dear


def near_greedy(labels: Sequence[str], probabilities: Sequence[float]) -> dict[str, float]:
    """μ = (1 − ε)·argmax + ε·softmax(z / 2) over labels of at least 2 % (LEARNING §3c).

    What policy.learners.exploration.NearGreedy says of tensors, for one stored row; labels that
    are never shown are left out. Sums to 1.
    """
    best = max(range(len(labels)), key=lambda place: probabilities[place])
    tried = {
        label: math.sqrt(p)
        for place, (label, p) in enumerate(zip(labels, probabilities, strict=True))
        if p >= _LIKELY or place == best
    }
    total = sum(tried.values())
    drawn = {label: EPSILON * root / total for label, root in tried.items()}
    drawn[labels[best]] = 1.0 - sum(mu for label, mu in drawn.items() if label != labels[best])
    return drawn


def of_gold(labels: Sequence[str], truth: str) -> dict[str, float]:
    """Right and wrong alike often, since both confirmations and rejections are to be tested."""
    wrong = 0.5 / (len(labels) - 1)
    return {label: 0.5 if label == truth else wrong for label in labels}


def drawn(propensities: Mapping[str, float], rng: random.Random) -> str:
    """One label by these propensities."""
    return rng.choices(list(propensities), list(propensities.values()))[0]
