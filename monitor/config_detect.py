"""The part of the configuration that says what is watched, and what is promised about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from policy.types import TOPICS

ALL_NEWS = "all news"  # the whole, where a weight is given to it


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DetectSection(Section):
    bin_minutes: int = Field(60, ge=5, le=1440)
    alarms_per_week: float = Field(1.0, gt=0)  # false ones, over everything watched
    volume_alarms_per_week: float = Field(0.25, ge=0)  # 0: surges of volume are not watched
    coverage_alarms_per_week: float = Field(0.1, ge=0)  # 0: silences are not watched
    positive_alarms_per_week: float = Field(0.0, ge=0)  # 0: positive shares are not watched
    weights: dict[str, Annotated[float, Field(gt=0, le=1000)]] = {}  # topic or watched name
    min_stories: int = Field(3, ge=1)
    min_origins: int = Field(2, ge=1)
    half_life_days: float = Field(14, gt=0)
    lag_hours: int = Field(24, ge=0)
    topics: tuple[str, ...] = TOPICS

    @model_validator(mode="after")
    def _topics_exist(self) -> DetectSection:
        unknown = [topic for topic in self.topics if topic not in TOPICS]
        if unknown:
            raise ValueError(f"no such topic: {', '.join(unknown)}; topics: {'; '.join(TOPICS)}")
        if 1440 % self.bin_minutes:
            raise ValueError("bin_minutes must divide a day (1440 minutes)")
        return self

    @property
    def width(self) -> timedelta:
        return timedelta(minutes=self.bin_minutes)
