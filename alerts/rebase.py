"""What is known of a stream once another checkpoint labels it.

Shares are compared with their own past, and a new checkpoint has none. Three sources, best first:

1. Stories that both have labelled, the old one when they came and the new one as a challenger.
   With a = P(negative now | negative before) and b = P(negative now | not negative before)

       q' = a q + b (1 − q),   Var q' = (a − b)² Var q + q² Var a + (1 − q)² Var b

   which is the regression estimator of double sampling (Cochran, Sampling Techniques, 1977,
   chapter 12): the old baseline keeps what it knows as far as the labels agree. A stream's a
   and b are shrunk to those of all news; one without such stories takes after them.
2. Both confusion matrices: p = (q − f)/(s − f), q' = p s' + (1 − p) f'.
3. Neither: the old share, doubted.

The new baseline is worth what its variance says and at most MOST stories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from alerts.baseline import Baseline, Floats, Prior, parent_share
from alerts.quantify import Confusion
from alerts.rates import Rates
from alerts.types import Stream

MOST = 400.0  # stories that a re-based baseline is worth
ENOUGH = 50  # stories of all news labelled by both: fewer say less than the confusion matrices
ALIKE = 30.0  # stories that belief in a and b of all news is worth in a stream


@dataclass(frozen=True, slots=True)
class Relabelled:
    """Distinct stories of one stream in the last 14 days that both checkpoints have labelled.

    The last 14 days before the change. A story's label is that of its first copy, and a stream
    counts what it counts for the detector: the whole and the topics the headline as such (target
    ""), a name what is said of it. Both topics are the old checkpoint's. Only labels that the
    outgoing checkpoint itself has given; what the fallback said is left out.
    """

    stories: int
    before: int  # negative by the old checkpoint
    after: int  # negative by the new one
    both: int  # negative by both


@dataclass(frozen=True, slots=True)
class Errors:
    """Confusion of the old checkpoint and of the new one, each on its own audit or validation.

    Rows and columns: negative, neutral, positive.
    """

    before: Confusion
    after: Confusion

    def of_positives(self) -> Errors:
        return Errors(replace(self.before, label=2), replace(self.after, label=2))


@dataclass(frozen=True, slots=True)
class Change:
    """All that is known of how the new checkpoint labels differently; empty: nothing.

    Asked for only in the bin in which the checkpoint changes (`judge_bin`'s `change`).
    """

    negatives: Mapping[Stream, Relabelled] = field(default_factory=dict)
    positives: Mapping[Stream, Relabelled] = field(default_factory=dict)  # the same of "positive"
    headlines: Errors | None = None  # of labels of headlines as such; None: unknown of either
    targets: Errors | None = None  # of labels towards a name

    def of_positives(self) -> Change:
        """The same as a detector of positive stories sees it."""
        errors = (each and each.of_positives() for each in (self.headlines, self.targets))
        return Change(self.positives, {}, *errors)


@dataclass(frozen=True, slots=True)
class Step:
    """The shares of K streams by the old labels and by the new ones; (K,) each."""

    before: Floats
    after: Floats
    slope: Floats  # dq'/dq
    noise: Floats  # variance that the step adds
    stories: Floats  # that the share before is worth
    source: str  # as in "evidence begins again, shares carried over by …"


def step(
    baseline: Baseline, streams: Sequence[Stream], change: Change, prior: Prior
) -> Step | None:
    """From old labels to new ones by the best source there is; None: nothing is known of it.

    The whole comes first among the streams.
    """
    known = baseline.negatives + baseline.others
    q = (baseline.negatives + parent_share(baseline, prior)) / (known + 1)
    pairs = [change.negatives.get(stream, _NONE) for stream in streams]
    if pairs[0].stories >= ENOUGH:
        return _by_stories(q, known, pairs)
    errors = [change.targets if stream.target else change.headlines for stream in streams]
    return _by_confusion(q, known, [e for e in errors if e]) if all(errors) else None


def shares(baseline: Baseline, step: Step) -> Baseline:
    """The baseline as the new checkpoint would have left it; ρ stays."""
    uncertain = step.slope**2 * step.before * (1 - step.before) / (step.stories + 1)
    worth = step.after * (1 - step.after) / (uncertain + step.noise)
    worth = np.where(step.stories > 0, np.minimum(worth, MOST), 0.0)
    return replace(baseline, negatives=worth * step.after, others=worth * (1 - step.after))


def rates(known: Rates, step: Step) -> Rates:
    """Rates of negative stories as the new checkpoint would have counted them; φ stays."""
    level = step.after - step.slope * step.before  # q' at q = 0: does not scale with the rate
    spread = step.noise + level**2 * (1 - step.before) / (step.before * (step.stories + 1))
    ratio, doubt = step.after / step.before, spread / step.after**2
    seen = known.seen * ratio
    trust = 1 / (1 + doubt * seen)
    cells = (known.cells * ratio[:, None, None]).astype(np.float32)
    return replace(known, seen=seen * trust, exposure=known.exposure * trust, cells=cells)


_NONE = Relabelled(0, 0, 0, 0)


def _by_stories(q: Floats, known: Floats, pairs: Sequence[Relabelled]) -> Step:
    """a and b of each stream with the variances of their posteriors."""
    stories, before, after, both = np.array(
        [(p.stories, p.before, p.after, p.both) for p in pairs], dtype=np.float64
    ).T
    a, var_a = _shrunk(both, before)
    b, var_b = _shrunk(after - both, stories - before)
    noise = q**2 * var_a + (1 - q) ** 2 * var_b
    source = f"shares carried over by {pairs[0].stories} stories that both have labelled"
    return Step(q, _inside(a * q + b * (1 - q)), a - b, noise, known, source)


def _shrunk(hits: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """(K,), (K,) share of hits and its variance; row 0 is what all others are shrunk to."""
    centre = np.full(hits.shape, (hits[0] + 0.5) / (trials[0] + 1))
    weight = np.where(np.arange(len(hits)) > 0, ALIKE, 1.0)
    share = (hits + weight * centre) / (trials + weight)
    return share, share * (1 - share) / (trials + weight)


def _by_confusion(q: Floats, known: Floats, errors: Sequence[Errors]) -> Step:
    """Through the share of stories that truly are negative."""
    s, f, var_s, var_f = np.array([each.before.rates for each in errors]).T
    s2, f2, var_s2, var_f2 = np.array([each.after.rates for each in errors]).T
    width = np.maximum(s - f, 0.05)
    p = np.clip((q - f) / width, 0, 1)
    slope = (s2 - f2) / width
    noise = p**2 * (var_s2 + slope**2 * var_s) + (1 - p) ** 2 * (var_f2 + slope**2 * var_f)
    after = _inside(p * s2 + (1 - p) * f2)
    return Step(q, after, slope, noise, known, "shares carried over by the confusion of both")


def _inside(share: Floats) -> Floats:
    return np.asarray(np.clip(share, 0.005, 0.98))
