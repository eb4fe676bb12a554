"""What came of it: a result a capability, an outcome a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from policy.checklist.cases import Kind

_WORST = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One judged case. `severity` orders the failures; `shown` is the case for a reader."""

    passed: bool
    severity: float
    shown: str
    movement: float | None = None  # INV: largest change of a probability


@dataclass(frozen=True, slots=True)
class Result:
    """A capability's cases; `worst` are up to three failures, the gravest first."""

    name: str
    kind: Kind
    cases: int
    passed: int
    worst: tuple[str, ...]
    movement: float | None = None  # INV: largest change of a probability over all cases

    @property
    def rate(self) -> float:
        """Share of cases passed; 1 where nothing was asked."""
        return self.passed / self.cases if self.cases else 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """All capabilities of one policy."""

    policy: str  # checkpoint id
    results: tuple[Result, ...]

    @property
    def rate(self) -> float:
        """Mean of the capabilities' rates: a capability counts the same with few or many cases."""
        return sum(each.rate for each in self.results) / len(self.results)


def tally(name: str, kind: Kind, findings: Sequence[Finding]) -> Result:
    failures = sorted((each for each in findings if not each.passed), key=lambda f: -f.severity)
    movements = [each.movement for each in findings if each.movement is not None]
    return Result(
        name,
        kind,
        cases=len(findings),
        passed=len(findings) - len(failures),
        worst=tuple(each.shown for each in failures[:_WORST]),
        movement=max(movements, default=None),
    )
