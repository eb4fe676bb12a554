"""The learners by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from policy.errors import DataError
from policy.learners.policy_gradient import PolicyGradient
from policy.learners.reward_model import RewardModel
from policy.learners.rivals import ConfirmOnly, Kto
from policy.learners.types import Learner
from policy.learners.value import Value
from policy.learners.verdict_likelihood import VerdictLikelihood

LEARNERS: Mapping[str, Callable[..., Learner]] = {
    "verdict_likelihood": VerdictLikelihood,
    "policy_gradient": PolicyGradient,
    "value": Value,
    "reward_model": RewardModel,
    "confirm_only": ConfirmOnly,
    "kto": Kto,
}


def learner(name: str, **options: Any) -> Learner:
    """The learner of that name. Raises DataError for a name or an option that it does not know."""
    if name not in LEARNERS:
        raise DataError(f"no learner is called {name!r}; there are {', '.join(LEARNERS)}")
    try:
        return LEARNERS[name](**options)
    except TypeError as error:
        raise DataError(f"learner {name}: {error}") from error
