"""An invented problem with four labels, analysts of every kind, and every learner there is."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from policy.learners.exploration import OnPolicy, SquareCB
from policy.learners.linear import Anchors, Head, fit
from policy.learners.registry import learner
from policy.learners.types import NONE, Feedback, Learner, Panel

LABELS = 4
FEATURES = 6
VARIANTS: Mapping[str, Learner] = {
    "verdict_likelihood": learner("verdict_likelihood"),
    "verdict_likelihood-improve": learner("verdict_likelihood", improve=True),
    "policy_gradient": learner("policy_gradient"),
    "policy_gradient-none": learner("policy_gradient", baseline="none", explore=OnPolicy()),
    "policy_gradient-others": learner("policy_gradient", baseline="others"),
    "policy_gradient-ppo": learner("policy_gradient", method="ppo"),
    "policy_gradient-all-action": learner("policy_gradient", method="all-action"),
    "value": learner("value"),
    "value-squarecb": learner("value", explore=SquareCB()),
    "reward_model": learner("reward_model"),
    "reward_model-squarecb": learner("reward_model", explore=SquareCB(), temperature=0.0),
    "confirm_only": learner("confirm_only"),
    "kto": learner("kto"),
}
# A row's loss hangs on the rest of its batch: by their papers.
OF_THE_BATCH = {"policy_gradient-others", "kto"}
KINDS = ("mixed", "blind", "corrected", "rejected", "confirmed", "unreliable")


@dataclass(frozen=True)
class Toy:
    """Rows (N, D) without clusters, and which of four sectors (N,) each lies in."""

    features: Tensor
    truth: Tensor

    def __len__(self) -> int:
        return len(self.truth)


def toy(rows: int, seed: int) -> Toy:
    """Drawn by Python's generator, whose bits do not change from version to version.

    Sectors of a round cloud: a learner that only becomes surer of its own guesses gains nothing,
    as it would where labels are heaps.
    """
    draw = random.Random(seed)
    features = [[draw.gauss(0, 1) for _ in range(FEATURES)] for _ in range(rows)]
    truth = [max(range(LABELS), key=lambda label: row[label]) for row in features]
    return Toy(torch.tensor(features), torch.tensor(truth))


def panel(analysts: int = 3, labels: int = LABELS) -> Panel:
    """The first is good, the second middling, the third says nothing; more are like the first."""
    alpha, kappa = torch.full((analysts,), 0.95), torch.full((analysts,), 0.05)
    alpha[1:3], kappa[1:3] = torch.tensor([0.8, 0.5])[: analysts - 1], 0.3
    right = torch.full((analysts,), 0.9)
    right[2:3] = 1 / labels
    confusion = ((1 - right) / (labels - 1))[:, None, None].expand(-1, labels, labels).clone()
    confusion[:, range(labels), range(labels)] = right[:, None]
    return Panel(alpha, kappa, confusion)


def feedback(rows: int, kind: str = "mixed", seed: int = 0, labels: int = LABELS) -> Feedback:
    """Random verdicts, on random labels, by three analysts, of one kind or of all kinds."""
    draw = torch.Generator().manual_seed(seed)
    shown = torch.randint(labels, (rows,), generator=draw)
    other = (shown + torch.randint(1, labels, (rows,), generator=draw)) % labels
    chance = torch.rand(rows, generator=draw)
    confirmed = (
        (chance < 0.4) if kind in ("mixed", "unreliable") else chance < (kind == "confirmed")
    )
    named = {"blind": 1.0, "corrected": 1.0, "rejected": 0.0}.get(kind, 0.5)
    correction = torch.where(torch.rand(rows, generator=draw) < named, other, NONE)
    blind = torch.rand(rows, generator=draw) < {"blind": 1.0, "mixed": 0.15}.get(kind, 0.0)
    analyst = torch.randint(3, (rows,), generator=draw)
    return Feedback(
        shown=torch.where(blind, NONE, shown),
        propensity=torch.where(blind, 1.0, 0.001 + 0.999 * torch.rand(rows, generator=draw)),
        confirmed=confirmed & ~blind,
        correction=torch.where(blind, other, torch.where(confirmed, NONE, correction)),
        analyst=torch.full_like(analyst, 2) if kind == "unreliable" else analyst,
        weight=torch.rand(rows, generator=draw) * 2,
    )


def one(shown: int, confirmed: bool, correction: int, analyst: int = 0) -> Feedback:
    """A single verdict, of propensity and weight 1."""
    whole = torch.int64
    return Feedback(
        torch.tensor([shown], dtype=whole),
        torch.ones(1),
        torch.tensor([confirmed]),
        torch.tensor([correction], dtype=whole),
        torch.tensor([analyst], dtype=whole),
        torch.ones(1),
    )


def logits(rows: int, seed: int = 0, scale: float = 2.0, labels: int = LABELS) -> Tensor:
    """Random ones (N, K), with a gradient, in double precision."""
    draw = torch.Generator().manual_seed(seed)
    some = torch.randn(rows, labels, generator=draw, dtype=torch.float64) * scale
    return some.requires_grad_()


def slope(rule: Learner, said: Tensor, given: Feedback, reference: Tensor) -> Tensor:
    """Gradient (N, K) of N times the loss: the sum over the rows."""
    loss = rule.loss(said, given, panel(), reference) * len(given)
    return torch.autograd.grad(loss, said)[0]


def answered(
    truth: Tensor, shown: Tensor, propensity: Tensor, seed: int, corrections: float = 0.0
) -> Feedback:
    """What an analyst who never errs says, with the right label on some of what they reject."""
    draw = torch.Generator().manual_seed(seed)
    confirmed = shown == truth
    names = (torch.rand(len(truth), generator=draw) < corrections) & ~confirmed
    nobody = torch.zeros_like(shown)
    return Feedback(
        shown, propensity, confirmed, torch.where(names, truth, NONE), nobody,
        torch.ones(len(truth)),
    )  # fmt: skip


def shuffled(given: Feedback, seed: int) -> Feedback:
    """The same answers, each given to another row: there is nothing in them to be learned."""
    order = torch.randperm(len(given), generator=torch.Generator().manual_seed(seed))
    return replace(given, confirmed=given.confirmed[order], correction=torch.full_like(order, NONE))


def warm(rule: Learner, known: Toy) -> Head:
    """A head fitted to the few rows whose labels are known."""
    nothing = feedback(0)
    start = Head.zero(LABELS, FEATURES)
    anchors = Anchors(known.features, known.truth)
    return fit(rule, torch.zeros(0, FEATURES), nothing, panel(), anchors, start)


def accuracy(rule: Learner, head: Head, test: Toy) -> float:
    served = rule.policy(head.logits(test.features))
    return float((served.argmax(1) == test.truth).double().mean())
