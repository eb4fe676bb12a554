"""The share and the dispersion expected of a stream: learned late and forgotten slowly.

All arrays have one row a stream, (K,); row 0 is the whole, the parent of every other row but those
that have a nearer one (`alerts.kin`).

Counts are learned with weight 1/(1 + (n−1)ρ), which makes the mean the efficient one under
beta-binomial counts and keeps the posterior as wide as correlated stories leave it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr

from alerts.kin import NONE, Kin

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp] | slice  # indices, or a part of all

EVERY = slice(None)


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a stream before it has been seen."""

    share: float = 0.25  # of the whole
    strength: float = 4.0  # stories that belief in `share` is worth
    kappa: float = 10.0  # stories that belief in the parent's share is worth
    dispersion: float = 0.08
    dispersion_strength: float = 400.0  # in units of 1/variance: sd = √(2/strength)
    dispersion_floor: float = 0.001
    dispersion_ceiling: float = 0.5
    dispersion_caution: float = 0.6  # standard deviations above what was estimated of ρ
    caution_first: float = 3.0  # sd above the posterior mean, before anything is learned
    caution_cold: float = 0.2  # the same for a stream of which only the parent is known
    caution: float = 0.40  # the same, once the counts outweigh the prior
    most: float = 500.0  # stories remembered: where there are many, old ones are forgotten sooner


@dataclass(frozen=True, slots=True)
class Baseline:
    """Decayed sufficient statistics of K streams."""

    negatives: Floats  # (K,) weighted stories labelled negative: A of DETECTION.md
    others: Floats  # (K,) weighted other stories: B
    excess: Floats  # (K,) numerator of the moment estimate of ρ
    pairs: Floats  # (K,) its denominator


def empty(streams: int) -> Baseline:
    return Baseline(*(np.zeros(streams) for _ in range(4)))


def likely_dispersion(baseline: Baseline, prior: Prior) -> Floats:
    """(K,) ρ: correlation of two stories of one bin, shrunk to the prior."""
    strength = prior.dispersion_strength
    rho = (baseline.excess + prior.dispersion * strength) / (baseline.pairs + strength)
    return np.asarray(np.clip(rho, prior.dispersion_floor, prior.dispersion_ceiling))


def dispersion(baseline: Baseline, prior: Prior) -> Floats:
    """(K,) ρ as it is tested with: above what was estimated, as that may be off."""
    known = baseline.pairs + prior.dispersion_strength
    off = np.sqrt(2 / known) * (baseline.pairs / known)
    rho = likely_dispersion(baseline, prior) + prior.dispersion_caution * off
    return np.asarray(np.minimum(rho, prior.dispersion_ceiling))


def parent_share(baseline: Baseline, prior: Prior) -> float:
    """Posterior mean share of the whole."""
    a, b = float(baseline.negatives[0]), float(baseline.others[0])
    return (a + prior.share * prior.strength) / (a + b + prior.strength)


def posterior(baseline: Baseline, prior: Prior, kin: Kin = NONE) -> tuple[Floats, Floats]:
    """(K,), (K,) parameters of the beta posterior of each share, shrunk to the parent."""
    a, b, _ = _shrunk(baseline, prior, kin)
    return a, b


def _shrunk(baseline: Baseline, prior: Prior, kin: Kin) -> tuple[Floats, Floats, Floats]:
    """The posterior, and how many stories of it are belief; (K,) each.

    A parent other than the whole may itself be hardly known. Belief in it is worth
    1/(1/κ + 1/N) stories, N being those that the parent is known by: streams differ from their
    parent, and the parent from what is known of it.
    """
    weight = np.full(baseline.negatives.shape, prior.kappa)
    centre = parent_share(baseline, prior)
    a = prior.kappa * centre + baseline.negatives
    b = prior.kappa * (1 - centre) + baseline.others
    weight[0] = prior.strength
    a[0] = prior.strength * prior.share + baseline.negatives[0]
    b[0] = prior.strength * (1 - prior.share) + baseline.others[0]
    if len(kin.rows):
        known = a[kin.parents] + b[kin.parents]
        part = prior.kappa / (prior.kappa + known)  # of what the parent is known by
        weight[kin.rows] = part * known
        a[kin.rows] = part * a[kin.parents] + baseline.negatives[kin.rows]
        b[kin.rows] = part * b[kin.parents] + baseline.others[kin.rows]
    return a, b, weight


def expected_share(
    baseline: Baseline, prior: Prior, wander: float, kin: Kin = NONE, rows: Rows = EVERY
) -> Floats:
    """q0 of the rows named, the share tested against: an upper quantile of the posterior.

    The null is composite (the true share is not known); testing against the mean would spend
    the false-alarm budget on estimation error. The quantile is high while the prior speaks,
    since streams differ from their parent more than counts differ from their mean, and
    comes down as counts come in, those of the whole and those of the stream. It never comes
    down to the mean, since shares wander: `wander` is the variance in square logits to be allowed
    for that (`alerts.wander`), laid on in logits, since a beta that wide would not keep up. The
    levels come from tests/bench/bench_detector.py and `downdraft detect-bench`.
    """
    a, b, weight = _shrunk(baseline, prior, kin)
    believed = np.sqrt(weight / (a + b))  # 1 for the prior alone, → 0
    cold = prior.caution_cold + (prior.caution_first - prior.caution_cold) * believed[0]
    z = prior.caution + (cold - prior.caution) * believed
    known = _variance(a, b, prior)
    trust = (a + b) / (known * a * b)
    found = betaincinv((trust * a)[rows], (trust * b)[rows], ndtr(z[rows]))
    more = (z * (np.sqrt(known + wander) - np.sqrt(known)))[rows]
    odds = found / (1 - found) * np.exp(more)
    return np.asarray(np.clip(odds / (1 + odds), 0.005, 0.98))


def most(share: Floats, prior: Prior) -> Floats:
    """(K,) stories remembered: as many as tell what `prior.most` do at a share of ¼, in logits,
    and no fewer where more is negative."""
    return np.asarray(prior.most * (3 / 16) / np.clip(share * (1 - share), 0.03, 3 / 16))


def variance(baseline: Baseline, prior: Prior, kin: Kin = NONE) -> Floats:
    """(K,) square logits by which the shares may be off for want of stories."""
    return _variance(*posterior(baseline, prior, kin), prior)


def _variance(a: Floats, b: Floats, prior: Prior) -> Floats:
    """Weights that fall off exponentially tell as much as twice their sum of whole stories would,
    (Σw)² / Σw² → 2 Σw, once their memory is full."""
    known, share = a + b, a / (a + b)
    full = np.minimum(known / most(share, prior), 1.0)
    return np.asarray((1 - full / 2) / (known * share * (1 - share)))


def decay(baseline: Baseline, share: float, rho: float, where: Mask) -> Baseline:
    """Forget a little in the rows named: what is left of the share and of the moments of ρ."""
    of_share, of_rho = np.where(where, share, 1.0), np.where(where, rho, 1.0)
    return Baseline(
        baseline.negatives * of_share,
        baseline.others * of_share,
        baseline.excess * of_rho,
        baseline.pairs * of_rho,
    )


def weigh(n: Counts, y: Counts, rho: Floats) -> tuple[Floats, Floats]:
    """What a bin of n stories, y negative, adds to negatives and others."""
    weight = 1 / (1 + np.maximum(n - 1, 0) * rho)
    return weight * y, weight * (n - y)


def mean_share(baseline: Baseline, prior: Prior, kin: Kin = NONE) -> Floats:
    """(K,) posterior mean of each share."""
    a, b = posterior(baseline, prior, kin)
    return np.asarray(a / (a + b))


def learn(
    baseline: Baseline, n: Counts, y: Counts, factor: Floats, prior: Prior, kin: Kin = NONE
) -> Baseline:
    """Take in one bin. Rows with n = 0 stay as they are.

    `factor` (K,): by what shares usually differ in such a bin; the level is learned without it.
    """
    many, bad, rho = n.astype(np.float64), y.astype(np.float64), dispersion(baseline, prior)
    weight = 1 / (1 + np.maximum(many - 1, 0.0) * rho)
    negatives = weight * np.minimum(bad / factor, many)
    usual = np.clip(mean_share(baseline, prior, kin) * factor, 0.005, 0.98)
    excess, pairs = _moments(many, bad, usual, rho)
    return Baseline(
        baseline.negatives + negatives,
        baseline.others + weight * many - negatives,
        baseline.excess + excess,
        baseline.pairs + pairs,
    )


def _moments(n: Floats, y: Floats, q: Floats, rho: Floats) -> tuple[Floats, Floats]:
    """Moments for ρ: E[(y−nq)²/q(1−q)] = n + n(n−1)ρ, bins weighted by their precision.

    One bin moves the estimate by at most 25 expected variances, so that one odd hour does not
    blunt the detector for weeks. (Nine would leave a third of ρ out where little is negative.)
    """
    inflation = 1 + np.maximum(n - 1, 0) * rho
    squared = np.minimum((y - n * q) ** 2 / (q * (1 - q)), 25 * n * inflation)
    weight = np.where(n > 1, (n - 1) / (np.maximum(n, 1) * inflation**2), 0.0)
    return np.asarray(weight * (squared - n)), np.asarray(weight * n * (n - 1))


def add(baseline: Baseline, negatives: Floats, others: Floats) -> Baseline:
    """Add counts that have been weighed already."""
    return replace(
        baseline, negatives=baseline.negatives + negatives, others=baseline.others + others
    )


def cap(baseline: Baseline, strength: Floats) -> Baseline:
    """Keep each share, but believe it no more than `strength` (K,) stories."""
    total = baseline.negatives + baseline.others
    f = np.minimum(1.0, strength / np.maximum(total, 1e-12))
    negatives, others = baseline.negatives * f, baseline.others * f
    return Baseline(negatives, others, baseline.excess, baseline.pairs)
