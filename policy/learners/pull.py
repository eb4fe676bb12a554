"""How strongly to pull, and how sure to be: chosen by verdicts that the fit has not seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from scipy.optimize import minimize_scalar
from torch import Tensor

from policy.learners.evidence import log_evidence, weighted
from policy.learners.linear import STEPS, Anchors, Head, fit, log_policy, offered
from policy.learners.types import Feedback, Learner, Panel

PULLS = (0.03, 0.06, 0.12, 0.25, 0.5, 1.0)  # for features of length 1
_CUTS = (0.5, 0.75, 1.0)  # learn up to one, be judged up to the next
_FOLDS = 5
_STEPS = 40  # of a fit that is only to be compared
_WARMEST = 8.0  # temperatures are sought in [1/8, 8]


@dataclass(frozen=True, slots=True)
class Choice:
    """What foretold best, and how its logits are to be divided to be as sure as they are right."""

    pull: float
    temperature: float


def choose_pull(
    learner: Learner,
    features: Tensor,
    feedback: Feedback,
    panel: Panel,
    anchors: Anchors | None,
    start: Head,
    *,
    pulls: Sequence[float] = PULLS,
    reference: Tensor | None = None,
    there: Tensor | None = None,
) -> Choice:
    """The pull under which the past foretells the next verdicts best, and its temperature.

    Progressive validation (Blum, Kalai and Langford 1999), after which Zhang et al. (ICML 2019,
    PMLR 97:7335) choose how far to trust a warm start. Rows must be in order of time. Pulls are
    compared at their own best temperature: a head that is merely too sure loses nothing. `there`
    as in `fit`.
    """
    scores, temperatures = dict.fromkeys(pulls, 0.0), dict.fromkeys(pulls, 1.0)
    cuts = [round(len(feedback) * cut) for cut in _CUTS]
    for seen, until in pairwise(cuts):
        past, coming = torch.arange(seen), torch.arange(seen, until)
        known = None if reference is None else reference[past]
        then, later = (None if there is None else there[rows] for rows in (past, coming))
        # Never from a head that has heard what is to be foretold: it would not forget in time.
        heard, head = feedback.take(past), start
        for pull in sorted(pulls, reverse=True):  # each fit starts from its stiffer neighbour
            head = fit(
                learner, features[past], heard, panel, anchors, start,
                pull=pull, begin=head, reference=known, there=then,
                steps=STEPS if head is start else _STEPS,
            )  # fmt: skip
            logits = offered(head.logits(features[coming]), later)
            told = learner.policy(logits.detach()).clamp_min(1e-12).log()
            temperatures[pull], found = temperature(told, feedback.take(coming), panel)
            scores[pull] += found * len(coming)
    best = min(scores, key=scores.__getitem__)
    return Choice(best, temperatures[best])


def choose_start(
    learner: Learner, anchors: Anchors, labels: int, pulls: Sequence[float] = PULLS
) -> Choice:
    """The pull towards nothing under which known rows foretell each other, by five folds.

    The rows' order decides the folds. Judged by log-loss of the policy at its best temperature.
    """
    rows, width = anchors.features.shape
    fold = torch.arange(rows) % _FOLDS
    told = {pull: torch.zeros(rows, labels) for pull in pulls}
    for held in range(_FOLDS):
        rest = Anchors(anchors.features[fold != held], anchors.labels[fold != held])
        head = Head.zero(labels, width)
        for pull in sorted(pulls, reverse=True):
            head = fit_known(learner, rest, labels, pull, begin=head, steps=_STEPS)
            told[pull][fold == held] = log_policy(learner, head, anchors.features[fold == held])
    truth, panel = confirmations(anchors.labels), Panel.trusted(1, labels)
    best, least = Choice(pulls[0], 1.0), math.inf
    for pull in pulls:
        cooled, loss = temperature(told[pull], truth, panel)
        if loss < least:
            best, least = Choice(pull, cooled), loss
    return best


def fit_known(
    learner: Learner,
    anchors: Anchors,
    labels: int,
    pull: float,
    *,
    begin: Head | None = None,
    steps: int = STEPS,
) -> Head:
    """The learner's head of rows whose labels are known, and of nothing else."""
    width = anchors.features.shape[1]
    none, nothing = confirmations(torch.zeros(0, dtype=torch.int64)), torch.zeros(0, width)
    panel, zero = Panel.trusted(1, labels), Head.zero(labels, width)
    return fit(learner, nothing, none, panel, anchors, zero, pull=pull, begin=begin, steps=steps)


def confirmations(labels: Tensor) -> Feedback:
    """Known labels (N,) as verdicts of one analyst who was shown nothing else."""
    rows = len(labels)
    return Feedback(
        shown=labels,
        propensity=torch.ones(rows),
        confirmed=torch.ones(rows, dtype=torch.bool),
        correction=torch.full((rows,), -1),
        analyst=torch.zeros(rows, dtype=torch.int64),
        weight=torch.ones(rows),
    )


def temperature(log_beliefs: Tensor, feedback: Feedback, panel: Panel) -> tuple[float, float]:
    """The divisor of log-beliefs (N, K) under which verdicts are likeliest, and their surprise.

    Guo et al. 2017 with the likelihood of verdicts in the place of that of labels: what analysts
    say is enough to be calibrated, no label is needed.
    """
    if not len(feedback):
        return 1.0, 0.0

    def loss(log_divisor: float) -> float:
        return surprise(tempered(log_beliefs, math.exp(log_divisor)), feedback, panel)

    limit = math.log(_WARMEST)
    best = minimize_scalar(loss, bounds=(-limit, limit), method="bounded", options={"xatol": 1e-3})
    return math.exp(float(best.x)), float(best.fun)


def tempered(log_beliefs: Tensor, divisor: float) -> Tensor:
    """Log-beliefs (N, K) made less sure by a divisor above 1."""
    return torch.log_softmax(log_beliefs / divisor, dim=1)


def surprise(log_beliefs: Tensor, feedback: Feedback, panel: Panel) -> float:
    """Mean −log P(verdict) under log-beliefs (N, K), each verdict by its weight."""
    if not len(feedback):
        return 0.0
    evidence = log_evidence(feedback, panel).to(log_beliefs.dtype)
    return float(weighted(-torch.logsumexp(log_beliefs + evidence, dim=1), feedback))
