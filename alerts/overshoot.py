"""What a bin far above the threshold wastes, given back to the bins that stay below it.

An alarm at M ≥ A spends A of the promise, however far above A the bin has jumped: E[T] = E[M_T] is
more than A. So in each bin all M_θ are multiplied by the largest b for which what can be spent is
still what was there,

    E₀[min(b W(y), A)] = W,   W(y) = mean over θ of (g + M_θ) e^{ℓ_θ(y)},  W = mean of (g + M_θ),

and M(t) − t remains a supermartingale until the alarm, at which it is worth A (Fischer and Ramdas,
"Improving Wald's (approximate) sequential probability ratio test by avoiding overshoot", 2024).
b is 1 where no bin could reach A, and matters where bins are large: days rather than hours.

Hours are looked at while they are open, and such looks stop nearer to A than their end does. Of
ln b they are given half, so that both together keep the promise; days are given all of it.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from alerts.baseline import Counts, Floats, Mask
from alerts.evidence import largest
from alerts.likelihood import log_beta_binomial, log_ratios

MOST = 3.0  # nats
FAR = 50.0  # nats beyond A: an alarm at any b, however far
LEAST = 1e-300  # what a bin is worth that only many good stories could be


def log_boost(
    log_wealth: Floats, n: Counts, q0: Floats, rho: Floats, log_threshold: Floats,
    odds: tuple[float, ...], where: Mask, part: float = 1.0,
) -> Floats:  # fmt: skip
    """(K,) that `part` of ln b of bins of n stories, from ln (g + M_θ) (K, J); 0 in other rows."""
    theta, found = max(odds), np.zeros(len(n))
    most = n * np.log(theta / (1 - q0 + theta * q0))  # a story multiplies M_θ by q_θ/q0 at most
    rows = (where & (n > 0) & (largest(log_wealth) + most >= log_threshold)).nonzero()[0]
    if not len(rows):
        return found
    bins = (log_wealth[rows], n[rows], q0[rows], rho[rows], log_threshold[rows])
    for k in rows[_may_reach(*bins, odds)].tolist():
        row = slice(k, k + 1)
        found[k] = _of(log_wealth[k], int(n[k]), q0[row], rho[row], log_threshold[k], odds)
    return part * found


def _may_reach(
    log_wealth: Floats, n: Counts, q0: Floats, rho: Floats, log_threshold: Floats,
    odds: tuple[float, ...],
) -> Mask:  # fmt: skip
    """Rows in which the mildest bin of the strongest alternative's best sixth would alarm."""
    theta = max(odds)
    q = theta * q0 / (1 - q0 + theta * q0)
    spread = np.sqrt(n * q * (1 - q) * (1 + (n - 1) * rho))
    bad = np.minimum(n, np.ceil(n * q + spread)).astype(np.int64)
    log_w = log_wealth + log_ratios(n, bad, q0, rho, odds)
    return np.asarray(np.logaddexp.reduce(log_w, axis=1) >= log_threshold + np.log(len(odds)))


def _of(
    log_wealth: Floats, n: int, q0: Floats, rho: Floats, log_threshold: float,
    odds: tuple[float, ...],
) -> float:  # fmt: skip
    """ln b of one bin; arrays q0 and ρ hold one value."""
    y, many = np.arange(n + 1), np.full(n + 1, n)
    chance = _chances(n, y, q0, rho)
    ell = log_ratios(many, y, np.repeat(q0, n + 1), np.repeat(rho, n + 1), odds)
    beyond = np.minimum(log_wealth - log_threshold + ell, FAR)
    value = np.exp(beyond).mean(axis=1)  # W(y)/A
    wealth = float(np.exp(log_wealth - log_threshold).mean())
    if wealth >= 1:
        return 0.0
    order = np.argsort(value)
    value, chance = value[order], chance[order]
    kept = np.maximum(np.cumsum(chance * value), LEAST)  # of the i + 1 smallest
    above = 1 - np.cumsum(chance)
    b = (wealth - np.maximum(above, 0)) / kept
    holds = (b * value <= 1) & (b * np.append(value[1:], np.inf) >= 1)
    return float(np.clip(np.log(b[holds.argmax()]), 0, MOST)) if holds.any() else 0.0


def _chances(n: int, y: Counts, q0: Floats, rho: Floats) -> Floats:
    m = 1 / rho - 1
    choose = gammaln(n + 1) - gammaln(y + 1) - gammaln(n - y + 1)
    return np.asarray(np.exp(choose + log_beta_binomial(y, n - y, q0, m)))
