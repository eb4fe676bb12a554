"""Who takes part: our learners, the common ways to use verdicts, the ends of the scale, a rival."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import torch

from policy.bandit import vowpal
from policy.bandit.course import Course
from policy.bandit.pupil import Habits, Pupil, Student
from policy.errors import DataError
from policy.learners.exploration import SquareCB
from policy.learners.policy_gradient import PolicyGradient
from policy.learners.reward_model import RewardModel
from policy.learners.rivals import ConfirmOnly, Kto
from policy.learners.types import Learner
from policy.learners.value import Value
from policy.learners.verdict_likelihood import VerdictLikelihood

VOWPAL = "vowpal_wabbit"


@dataclass(frozen=True, slots=True)
class Entry:
    learner: Callable[[], Learner]
    habits: Habits = field(default_factory=Habits)


_NAIVE = Habits(careful=False, curious=False)
ENTRIES: Mapping[str, Entry] = {
    "verdict_likelihood": Entry(VerdictLikelihood),
    "verdict_likelihood+improve": Entry(lambda: VerdictLikelihood(improve=True)),
    "verdict_likelihood+trusting": Entry(VerdictLikelihood, Habits(careful=False)),
    "verdict_likelihood+incurious": Entry(VerdictLikelihood, Habits(curious=False)),
    "policy_gradient": Entry(PolicyGradient),
    "policy_gradient+rloo": Entry(lambda: PolicyGradient(baseline="others")),
    "policy_gradient+ppo": Entry(lambda: PolicyGradient("ppo")),
    "policy_gradient+all_action": Entry(lambda: PolicyGradient("all-action")),
    "value": Entry(Value),
    "value+squarecb": Entry(lambda: Value(explore=SquareCB()), Habits(curious=False)),
    "reward_model": Entry(RewardModel),
    "confirm_only": Entry(ConfirmOnly, _NAIVE),
    "kto": Entry(Kto, _NAIVE),
}
RIVALS = tuple(f"{VOWPAL}:{name}" for name in vowpal.CONFIGURATIONS)
DEFAULT = (
    "verdict_likelihood", "verdict_likelihood+improve", "policy_gradient", "value",
    "reward_model", "confirm_only", "kto", VOWPAL,
)  # fmt: skip


def expanded(names: Sequence[str]) -> list[str]:
    """Names as cells know them: the rival is all its configurations. Raises DataError."""
    found: list[str] = []
    for name in names:
        if name == VOWPAL:
            vowpal.library()
            found += RIVALS
        elif name in ENTRIES or name in RIVALS:
            found.append(name)
        else:
            known = ", ".join([*ENTRIES, VOWPAL])
            raise DataError(f"--learners: {name!r} does not take part; there are {known}")
    return list(dict.fromkeys(found))


def student(name: str, led: Course, seed: int) -> Student:
    """Ready for the first headline, having seen the warm start."""
    draw = torch.Generator().manual_seed(1_000_003 * seed + 17)
    if name in RIVALS:
        words = vowpal.CONFIGURATIONS[name.partition(":")[2]]
        return vowpal.VowpalWabbit(words, led.warm, led.labels, draw)
    entry = ENTRIES[name]
    return Pupil(entry.learner(), led, draw, entry.habits)
