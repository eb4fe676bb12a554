"""What each odds ratio is staked with when a change may begin: those that can be told in time.

A stream of five stories a day cannot tell odds of 1.5 from none within a month: wealth staked on
them is lost to those that it could tell. A stake is what its odds would earn in three days of
hours, at the volume of the last day, as a part of the threshold; at most all of it:

    s_θ = min(1, H ν KL(q_θ ‖ q0) / ln A) + ε,   w_θ = s_θ / mean s,

ν the independent stories of a bin, H the bins waited for. The stakes depend on the past alone and
their mean is 1, so that M promises what it promised with equal ones.
"""

from __future__ import annotations

import numpy as np

from alerts.baseline import Counts, Floats

HORIZON = 72  # bins
LEAST = 0.02  # of the largest stake: volumes change


def stakes(
    n: Counts, share: Floats, rho: Floats, log_threshold: Floats, odds: tuple[float, ...]
) -> Floats:
    """(R, J) w_θ of streams whose last bins, (R, L), had n stories."""
    mean = (n.sum(axis=1) + 1) / n.shape[1]
    independent = mean / (1 + np.maximum(mean - 1, 0) * rho)
    q, theta = share[:, None], np.asarray(odds)
    bad = theta * q / (1 - q + theta * q)
    nats = bad * np.log(theta) - np.log1p((theta - 1) * q)  # KL: ln(q_θ/q0) = ln θ − ln(1−q+θq)
    earned = HORIZON * independent[:, None] * nats
    stake = np.minimum(1.0, earned / log_threshold[:, None]) + LEAST
    return np.asarray(stake / stake.mean(axis=1, keepdims=True))
