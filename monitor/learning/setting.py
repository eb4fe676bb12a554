"""What one round of learning works with, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from monitor.config import Settings
from monitor.learning.bench import Bench
from monitor.store.engine import Store
from policy.finetune.settings import FinetuneSettings

State = Literal["shadow", "promoted", "refused", "idle"]
Show = Callable[[str, int, int], None]  # what, done, of how many


@dataclass(frozen=True, slots=True)
class Round:
    """The outside world of one round, one seam each."""

    store: Store
    settings: Settings
    clock: Callable[[], datetime]
    bench: Bench
    show: Show
    learner: str = ""  # asked for by a person; "": the configured one
    asked: bool = False  # by a person: a training need not be due
    schooling: FinetuneSettings = field(default_factory=FinetuneSettings)  # but for the learner

    @property
    def taught_by(self) -> str:
        return self.learner or self.settings.learn.learner


@dataclass(frozen=True, slots=True)
class Decision:
    """A trial that ended in this round."""

    kind: str
    challenger: str
    champion: str
    state: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What `downdraft learn --json` says."""

    learner: str
    verdicts: int
    candidate: str  # "" where there is none
    state: State
    reasons: Sequence[str]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    live: str = ""  # the checkpoint that serves from now on
    decisions: Sequence[Decision] = ()
