"""From verdicts on a stream's alerts to a higher bar for its next ones.

An alarm needs ln M ≥ ln A. Where analysts reject most of what a stream raises, it needs
ln M ≥ ln A + δ, with the smallest δ in [0, 2] above which alerts of this stream are expected to
be real with probability 0.6. The chance that an episode is real, given how far its evidence went
above ln A at its strongest (g, nats), its stories n, its origins s and its stream k:

    logit P(real) = a + b (g − 1) + c ln(n / n̄) + d ln(s / s̄) + u_k
    σ(a) ~ Beta(2, 2),  b ~ N(1, ½²),  c, d ~ N(0, ½²),  u_k ~ N(0, 1)

found as the mode, with a normal approximation around it (Laplace) for the posterior mean of the
precision (MacKay's probit average). Why b is 1 before anything is known: M is a martingale but for
the 1 a bin, so chance alone takes an alarm from A to A·e^g with probability about e^{−g} (Ville),
while a real rise gets there. The precision above a bar is the mean over the stream's own episodes
that passed it and, as before anything is known, over two whose g is exponential.

What keeps this safe:
- δ only raises: an alarm comes later or not at all, so E[bins to a false alarm] ≥ A stands
  whatever analysts say; alerts above ln A + 4 ask for no bar, and δ ≤ 2.
- Nobody alone: δ is the smallest of those found without each analyst in turn. What one voice
  says can lower a bar that the others would have raised, and never raise one.
- A stream is raised only for what was said of its own alerts, and verdicts fade by half in 30
  days: without new ones the bar comes down again.
- Silence is no verdict: an alert that nobody judged is not in the data.

A_k is bins a week over F·w_k, so a bar of δ is a stream's part of the budget times e^{−δ}: this is
also what becomes of "immaterial".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from alerts.types import Kind, Stream

Floats = NDArray[np.float64]
Key = tuple[Kind, Stream]

HALF_LIFE = timedelta(days=30)
MEMORY = 5 * HALF_LIFE  # older verdicts weigh 3 % or less and are left out
MOST = 2.0  # nats
PRECISION = 0.6
_STEPS = [step / 10 for step in range(int(10 * MOST) + 1)]
_STRONGEST = 4.0  # nats above ln A: from here on more evidence says no more
_FIXED = 4  # a, b, c, d; then one u a stream
_MEANS = (0.0, 1.0, 0.0, 0.0)  # prior of a, b, c, d; that of a is the Beta, not a normal
_PRECISIONS = (0.0, 4.0, 4.0, 4.0)
_BETA = 2.0
_EXCESS, _EXCESS_WEIGHT = np.polynomial.laguerre.laggauss(8)  # of Exp(1)
_IMAGINED = 2.0  # episodes


@dataclass(frozen=True, slots=True)
class Heard:
    """What one analyst said of one episode of a stream: an alert, or a near-miss shown as audit."""

    episode: str  # its id
    kind: Kind
    stream: Stream
    margin: float  # largest ln M − ln A of the episode, nats
    stories: int
    origins: int
    real: bool
    analyst: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Table:
    """N verdicts on K streams."""

    x: Floats  # (N, 4 + K)
    y: Floats  # (N,) 1: real
    weight: Floats  # (N,) an episode weighs 1 when new, however many spoke of it
    stream: NDArray[np.int64]  # (N,)


@dataclass(frozen=True, slots=True)
class _Fit:
    """The mode of a, b, c, d, u_1 … u_K and the covariance around it."""

    mode: Floats
    covariance: Floats


def raises(heard: Sequence[Heard], now: datetime) -> dict[Key, float]:
    """δ of each stream whose bar is to be raised, in nats; one that is not named keeps ln A."""
    heard = [one for one in heard if now - one.at < MEMORY]
    keys = sorted({(one.kind, one.stream) for one in heard})
    analysts = sorted({one.analyst for one in heard})
    if len(analysts) < 2:
        return {}
    x, y = _design(heard, keys), np.array([float(one.real) for one in heard])
    stream = np.array([keys.index((one.kind, one.stream)) for one in heard])
    found = np.full(len(keys), MOST)
    for analyst in analysts:
        weight = _weights(heard, analyst, now)
        found = np.minimum(found, _asked(_Table(x, y, weight, stream), len(keys)))
    return {key: float(delta) for key, delta in zip(keys, found, strict=True) if delta > 0}


def _design(heard: Sequence[Heard], keys: Sequence[Key]) -> Floats:
    """(N, 4 + K)"""
    x = np.zeros((len(heard), _FIXED + len(keys)))
    x[:, 0] = 1
    x[:, 1] = [min(one.margin, _STRONGEST) - 1 for one in heard]
    x[:, 2] = [np.log(max(1, one.stories)) for one in heard]
    x[:, 3] = [np.log(max(1, one.origins)) for one in heard]
    x[:, 2:_FIXED] -= x[:, 2:_FIXED].mean(axis=0)
    x[np.arange(len(x)), [_FIXED + keys.index((one.kind, one.stream)) for one in heard]] = 1
    return x


def _weights(heard: Sequence[Heard], without: str, now: datetime) -> Floats:
    """(N,) By age; nothing for the analyst left out."""
    voices = Counter(one.episode for one in heard if one.analyst != without)
    return np.array([
        0.0 if one.analyst == without
        else 0.5 ** max(0.0, (now - one.at) / HALF_LIFE) / voices[one.episode]
        for one in heard
    ])  # fmt: skip


def _asked(table: _Table, streams: int) -> Floats:
    """(K,) The δ that these verdicts ask for; 0 where they reject nothing of a stream's own."""
    fit = _fit(table)
    found = np.zeros(streams)
    for k in set(table.stream[(table.y == 0) & (table.weight > 0)].tolist()):
        own = (table.stream == k) & (table.weight > 0)
        x, weight = table.x[own], table.weight[own]
        enough = (delta for delta in _STEPS if _precision(fit, x, weight, delta) >= PRECISION)
        found[k] = next(enough, MOST)
    return found


def _precision(fit: _Fit, x: Floats, weight: Floats, delta: float) -> float:
    """Posterior mean precision of a stream's episodes above the bar, from its own x (n, 4 + K)."""
    imagined = np.repeat(x.mean(axis=0)[None], len(_EXCESS), axis=0)
    imagined[:, 1] = np.minimum(delta + _EXCESS, _STRONGEST) - 1
    passed = x[:, 1] >= delta - 1
    rows = np.concatenate([x[passed], imagined])
    weights = np.append(weight[passed], _IMAGINED * np.exp(-delta) * _EXCESS_WEIGHT)
    variance = ((rows @ fit.covariance) * rows).sum(axis=1)
    real = expit(rows @ fit.mode / np.sqrt(1 + np.pi * variance / 8))
    return float(np.average(real, weights=weights))


def _fit(table: _Table) -> _Fit:
    """Newton's method, its steps held short; the log posterior is concave."""
    x, y, w = table.x, table.y, table.weight
    more = x.shape[1] - _FIXED
    about = np.append(_MEANS, np.zeros(more))
    precision = np.append(_PRECISIONS, np.ones(more))
    mode = about.copy()
    for _ in range(40):
        p, centre = expit(x @ mode), float(expit(mode[0]))
        slope = x.T @ (w * (y - p)) - precision * (mode - about)
        slope[0] += _BETA * (1 - 2 * centre)
        curvature = (x.T * (w * p * (1 - p))) @ x + np.diag(precision)
        curvature[0, 0] += 2 * _BETA * centre * (1 - centre)
        step = np.linalg.solve(curvature, slope)
        mode = mode + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-6:
            break
    return _Fit(mode, np.linalg.inv(curvature))
