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

from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.quantify import Confusion
from alerts.types import Stream

MOST = 400.0  # stories that a re-based baseline is worth


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
    """Confusion of the old checkpoint and of the new one, each on its own audit or validation."""

    before: Confusion
    after: Confusion


@dataclass(frozen=True, slots=True)
class Change:
    """All that is known of how the new checkpoint labels differently; empty: nothing.

    Asked for only in the bin in which the checkpoint changes (`judge_bin`'s `change`).
    """

    negatives: Mapping[Stream, Relabelled] = field(default_factory=dict)
    positives: Mapping[Stream, Relabelled] = field(default_factory=dict)  # the same of "positive"
    headlines: Errors | None = None  # of labels of headlines as such; None: unknown of either
    targets: Errors | None = None  # of labels towards a name
