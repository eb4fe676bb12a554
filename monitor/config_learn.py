"""The part of the configuration that says who judges labels, and how the policy learns from it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from monitor.config_detect import Section

LearnerName = Literal["verdict_likelihood", "policy_gradient", "value", "reward_model"]


class LearnSection(Section):
    enabled: bool = True  # the daemon trains by itself; `downdraft learn` always does
    learner: LearnerName = "verdict_likelihood"
    every_verdicts: int = Field(200, ge=20)
    every_hours: float = Field(24, gt=0)
    approvals: int = Field(0, ge=0, le=2)  # people who must approve what passed before it is live
    folder: Path = Path("policies")  # where candidates are kept
    anchors: tuple[Path, ...] = ()  # labelled files replayed while learning, beside our own rows
    time_limit_s: float = Field(1800, gt=0)
    memory_limit_mb: int = Field(8000, ge=500)


class ReviewSection(Section):
    audit: float = Field(0.10, ge=0, le=1)  # chosen uniformly: the unbiased yardstick
    gold: float = Field(0.03, ge=0, le=1)  # with a known answer
    blind: float = Field(0.05, ge=0, le=1)  # of the others: no label is shown
    window_days: float = Field(14, gt=0)  # how old a headline may be
    gold_file: Path | None = None  # text, target, topic and/or sentiment: answers that are known

    @model_validator(mode="after")
    def _parts_fit(self) -> ReviewSection:
        if self.audit + self.gold > 1:
            raise ValueError("audit and gold are parts of one whole: together at most 1")
        return self
