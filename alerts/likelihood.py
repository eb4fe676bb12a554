"""Beta-binomial likelihood ratios of negative shares: the evidence of one bin."""

from __future__ import annotations

import numpy as np
from scipy.special import betaln

from alerts.baseline import Counts, Floats


def log_ratios(n: Counts, y: Counts, q0: Floats, rho: Floats, odds: tuple[float, ...]) -> Floats:
    """ℓ_θ of bins (K,) for all odds ratios: (K, J)."""
    m = (1 / rho - 1)[:, None]
    q = q0[:, None]
    theta = np.asarray(odds)
    q1 = theta * q / (1 - q + theta * q)
    k, rest = y[:, None], (n - y)[:, None]
    return np.asarray(log_beta_binomial(k, rest, q1, m) - log_beta_binomial(k, rest, q, m))


def log_beta_binomial(y: Counts, rest: Counts, q: Floats, m: Floats) -> Floats:
    """Without the binomial coefficient, which cancels in every ratio."""
    a, b = q * m, (1 - q) * m
    return np.asarray(betaln(y + a, rest + b) - betaln(a, b))
