"""Whether the propensities in the log can be those that the labels were shown with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from policy.learners.gather import arrays, doubt_about_propensities, tells
from policy.types import Prediction
from policy.verdicts import LABELS, Head, Verdict

_FEWEST = 30  # of which a mean says something


def doubts(verdicts: Sequence[Verdict], said: Sequence[Prediction]) -> list[str]:
    """A line for each head whose propensities cannot be true.

    `said` is of each verdict's (text, target), by a policy that never saw verdicts. Wrong ones come
    from imports, and whoever weighs by them learns wrongly and says nothing (Vowpal Wabbit 1687).
    """
    return [line for head in LABELS for line in _of_head(head, verdicts, said)]


def _of_head(head: Head, verdicts: Sequence[Verdict], said: Sequence[Prediction]) -> Iterator[str]:
    pairs = [
        (verdict, told)
        for verdict, told in zip(verdicts, said, strict=True)
        if verdict.head == head and verdict.shown and not verdict.truth and tells(verdict)
    ]
    if len(pairs) < _FEWEST:
        return
    some = [verdict for verdict, _ in pairs]
    names = sorted({each.analyst for each in some})
    chances = torch.tensor([getattr(told, f"{head}_probabilities") for _, told in pairs])
    feedback = arrays(some, head, names, torch.ones(len(some)))
    if doubt := doubt_about_propensities(feedback, chances.clamp_min(1e-9).log()):
        yield f"{head}: {doubt}"
