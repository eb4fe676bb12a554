"""Each learner's curve on a fixed problem. `python tests/policy/learners/record.py` writes them.

A linear policy of four labels walks downhill from a warm start on 240 verdicts of three analysts,
the same for all learners. What is compared is smooth in every rounding: no draw hangs on a logit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor
from toys import LABELS, VARIANTS, Toy, feedback, panel, toy

from policy.learners.types import NONE, Feedback, Learner

FOLDER = Path(__file__).parent / "trajectories"
ROWS, STEPS, EVERY, RATE = 240, 60, 5, 0.5
Curve = Mapping[str, list[float]]


def log(judged: Toy) -> Feedback:
    """Verdicts of every kind that know the truth as well as the panel says."""
    drawn = feedback(len(judged), seed=3)
    blind, other = drawn.shown < 0, (judged.truth + 1) % LABELS
    right = (drawn.shown == judged.truth) & ~blind
    errs = torch.arange(len(judged)) % 10 == 0
    confirmed = (right ^ errs) & ~blind
    said = torch.where(errs, other, judged.truth)
    named = ((drawn.correction != NONE) | blind) & ~confirmed & (blind | (said != drawn.shown))
    return Feedback(
        drawn.shown, drawn.propensity, confirmed, torch.where(named, said, NONE), drawn.analyst,
        drawn.weight / drawn.weight.mean(),
    )  # fmt: skip


def curve(
    rule: Learner, batches: Sequence[Tensor] | None = None, kind: torch.dtype = torch.float64
) -> Curve:
    """Loss, accuracy elsewhere and reward of what would be shown, every few steps."""
    judged, test = toy(ROWS, 1), toy(400, 2)
    given, seen, fresh = log(judged), judged.features.to(kind), test.features.to(kind)
    weight = start(judged, kind).requires_grad_()
    reference = rule.policy(seen @ weight.detach().T).clamp_min(1e-12).log()
    found: dict[str, list[float]] = {"loss": [], "accuracy": [], "earned": []}
    for step in range(STEPS + 1):
        loss = torch.zeros((), dtype=kind)
        slope = torch.zeros_like(weight)
        for rows in batches or [torch.arange(ROWS)]:
            some = rule.loss(seen[rows] @ weight.T, given.take(rows), panel(), reference[rows])
            some = some * len(rows) / ROWS
            slope += torch.autograd.grad(some, weight)[0]
            loss += some.detach()
        if step % EVERY == 0:
            for name, value in looked(rule, loss, fresh @ weight.detach().T, test.truth):
                found[name].append(round(value, 6))
        weight = (weight - RATE * slope).detach().requires_grad_()
    return found


def start(judged: Toy, kind: torch.dtype) -> Tensor:
    """A weight (K, D) that leans the right way: the mean of a few rows of each label."""
    few = judged.features[:24].to(kind)
    known = torch.nn.functional.one_hot(judged.truth[:24], LABELS).to(kind)
    return known.T @ few / 12


def looked(rule: Learner, loss: Tensor, said: Tensor, truth: Tensor) -> Iterator[tuple[str, float]]:
    yield "loss", loss.item()
    yield "accuracy", (rule.policy(said).argmax(1) == truth).double().mean().item()
    _, propensities = rule.select(said, torch.Generator().manual_seed(0))
    yield "earned", propensities.gather(1, truth[:, None]).mean().item()


def file(name: str) -> Path:
    return FOLDER / f"{name}.json"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, rule in VARIANTS.items():
        file(name).write_text(json.dumps(curve(rule), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
