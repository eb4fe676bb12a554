"""From verdicts as records to verdicts as arrays, each with the weight it learns with.

ω = 2^(−age / 60 d) · min(1/s, 10) · influence, with a mean of 1 (LEARNING §3a). Influence falls
with what an analyst has said in all, of one entity, and of one entity on one day: whoever wants to
steer a single name must do it slowly, and in the company of others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import torch
from torch import Tensor

from policy.errors import DataError
from policy.learners.evidence import of_shown
from policy.learners.types import NONE, Feedback
from policy.verdicts import LABELS, Head, Verdict

HALF_LIFE_DAYS = 60.0
SELECTION_CAP = 10.0
USUAL_VERDICTS = 500  # n̄: an analyst of as many counts half as much a verdict
_USUAL_OF_ENTITY = 50
_A_DAY = 10  # verdicts on one entity by one analyst that a day counts at most
_OFF = 0.25  # how far from 1 a mean importance weight may be, beside four standard errors


@dataclass(frozen=True, slots=True)
class Gathered:
    """N verdicts that can be learned from, in the order given."""

    kept: tuple[Verdict, ...]
    feedback: Feedback
    analysts: tuple[str, ...]  # rows of the panel

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.kept]

    @property
    def targets(self) -> list[str]:
        return [each.target for each in self.kept]


def gather(
    verdicts: Sequence[Verdict],
    head: Head,
    now: datetime,
    analysts: Sequence[str] | None = None,
) -> Gathered:
    """What is learned about one head: no abstentions, no gold, nothing that contradicts itself.

    `analysts` sets the rows of the panel; by default all names here, sorted. Raises DataError for
    an impossible propensity or a label or analyst unknown, naming the verdict.
    """
    kept = tuple(each for each in verdicts if each.head == head and _teaches(each))
    names = tuple(sorted({v.analyst for v in kept})) if analysts is None else tuple(analysts)
    return Gathered(kept, arrays(kept, head, names, weights(kept, now)), names)


def _teaches(verdict: Verdict) -> bool:
    return verdict.why != "gold" and not verdict.truth and tells(verdict)


def tells(verdict: Verdict) -> bool:
    """Whether an answer says anything, gold or not, and does not contradict itself."""
    if verdict.answer == "abstain":
        return False
    if verdict.blind:
        return verdict.answer == "reject" and bool(verdict.correction)
    if verdict.answer == "confirm":
        return verdict.correction in ("", verdict.shown)
    return verdict.correction != verdict.shown


def arrays(
    verdicts: Sequence[Verdict], head: Head, analysts: Sequence[str], weight: Tensor
) -> Feedback:
    """The verdicts, row by row. Raises DataError as `gather` does."""
    label = {name: place for place, name in enumerate(LABELS[head])} | {"": NONE}
    row = {name: place for place, name in enumerate(analysts)}
    for verdict in verdicts:
        _check(verdict, label, row)
    whole = torch.int64
    return Feedback(
        shown=torch.tensor([label[v.shown] for v in verdicts], dtype=whole),
        propensity=torch.tensor([v.propensity for v in verdicts], dtype=torch.float32),
        confirmed=torch.tensor([v.answer == "confirm" for v in verdicts], dtype=torch.bool),
        correction=torch.tensor([label[v.correction] for v in verdicts], dtype=whole),
        analyst=torch.tensor([row[v.analyst] for v in verdicts], dtype=whole),
        weight=weight,
    )


def _check(verdict: Verdict, label: dict[str, int], row: dict[str, int]) -> None:
    for name, value in (("propensity", verdict.propensity), ("selection", verdict.selection)):
        if not 0 < value <= 1:
            raise DataError(f"verdict {verdict.id}: {name} {value} is not in (0, 1]")
    for said in (verdict.shown, verdict.correction):
        if said not in label:
            raise DataError(f"verdict {verdict.id}: {said!r} is no {verdict.head}")
    if verdict.analyst not in row:
        raise DataError(
            f"verdict {verdict.id}: analyst {verdict.analyst!r} has no row in the panel"
        )


def weights(verdicts: Sequence[Verdict], now: datetime) -> Tensor:
    """ω (N,), with a mean of 1."""
    said = Counter(v.analyst for v in verdicts)
    of_entity = Counter((v.analyst, v.target) for v in verdicts)
    of_day = Counter((v.analyst, v.target, v.at.date()) for v in verdicts)

    def weight(v: Verdict) -> float:
        age = max((now - v.at).total_seconds() / 86_400, 0.0)
        share = 1 / (1 + said[v.analyst] / USUAL_VERDICTS)
        if v.target:
            share /= 1 + of_entity[v.analyst, v.target] / _USUAL_OF_ENTITY
            share *= min(1.0, _A_DAY / of_day[v.analyst, v.target, v.at.date()])
        # An impossible selection probability is told of by `arrays`.
        chosen = min(1 / v.selection, SELECTION_CAP) if v.selection > 0 else 1.0
        return share * chosen * float(2 ** (-age / HALF_LIFE_DAYS))

    raw = torch.tensor([weight(v) for v in verdicts], dtype=torch.float64)
    return (raw / raw.mean().clamp_min(1e-300)).float() if len(raw) else raw.float()


def mean_importance(feedback: Feedback, log_policy: Tensor) -> tuple[float, float]:
    """Mean of π(shown)/μ(shown) and its standard error, of log-probabilities π (N, K).

    For any policy that has not seen the verdicts the mean is 1 if the propensities are true, or
    a little less where μ never tries what π does not rule out. Blind items do not count.
    """
    seen = feedback.shown >= 0
    ratio = (of_shown(log_policy, feedback).exp() / feedback.propensity)[seen].double()
    if len(ratio) < 2:
        return 1.0, 0.0
    return float(ratio.mean()), float(ratio.std() / len(ratio) ** 0.5)


def doubt_about_propensities(feedback: Feedback, log_policy: Tensor) -> str:
    """One line if the propensities cannot be those the items were served with, else "".

    Who always shows what is likeliest, truly with propensity 1, has the mean of that likelihood.
    """
    mean, error = mean_importance(feedback, log_policy)
    seen = feedback.shown >= 0
    least = float(log_policy[seen].exp().amax(1).double().mean()) if seen.any() else 1.0
    if least - _OFF - 4 * error <= mean <= 1 + _OFF + 4 * error:
        return ""
    return (
        f"the mean importance weight of {len(feedback)} verdicts is {mean:.2f} ± {error:.2f} where"
        " 1 is expected: their propensities are not those that the labels were shown with"
    )
