"""What may befall a desk: one change each, against the clean arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from policy.errors import DataError

ANALYSTS = 5
A_DAY = 200  # verdicts of the whole desk
Order = Literal["plain", "new-topic", "prior-shift", "one-topic"]
Broken = Literal["", "rewards", "propensities"]


@dataclass(frozen=True, slots=True)
class Arm:
    """How the analysts behave, and in which order headlines come."""

    name: str = "clean"
    about: str = "five honest analysts who confirm or reject"
    corrections: float = 0.0  # share of the rejections that name a label
    noise: float = 0.0  # how often an honest analyst errs
    adversaries: int = 0  # of the analysts
    aimed: bool = False  # adversaries lie about one name alone
    abstain: float = 0.0
    late: int = 0  # verdicts given before one is known
    order: Order = "plain"
    broken: Broken = ""


_ARMS = (
    Arm(),
    Arm("corrections-30", "30 % of the rejections name the right label", corrections=0.3),
    Arm("corrections-100", "all rejections name the right label", corrections=1.0),
    Arm("noise-10", "analysts err once in ten", noise=0.1),
    Arm("noise-20", "analysts err once in five", noise=0.2),
    Arm("noise-30", "analysts err three times in ten", noise=0.3),
    Arm("adversary-1", "one of five says the opposite, 95 % of the time", adversaries=1),
    Arm("adversary-2", "two of five say the opposite", adversaries=2),
    Arm("aimed-1", "one of five lies about one name alone", adversaries=1, aimed=True),
    Arm("aimed-2", "two of five lie about one name alone", adversaries=2, aimed=True),
    Arm("delay", "verdicts are known after 48 h, one in ten abstains", late=2 * A_DAY, abstain=0.1),
    Arm("new-topic", "one label appears at half-time, in no row before", order="new-topic"),
    Arm("new-topic-30", "the same, and 30 % are corrected", corrections=0.3, order="new-topic"),
    Arm("prior-shift", "half of the labels come mostly late", order="prior-shift"),
    Arm("one-topic", "80 % of the review is of one label", order="one-topic"),
    Arm("shuffled", "control: answers have nothing to do with the headline", broken="rewards"),
    Arm("corrupted", "control: propensities are logged wrongly", broken="propensities"),
)
ARMS: Mapping[str, Arm] = {arm.name: arm for arm in _ARMS}


def arm(name: str) -> Arm:
    """The arm of that name. Raises DataError for another one."""
    if name not in ARMS:
        raise DataError(f"no arm is called {name!r}; there are {', '.join(ARMS)}")
    return ARMS[name]
