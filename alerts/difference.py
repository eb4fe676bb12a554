"""Which headlines a verdict on an alert is about: difference rewards (Wolpert and Tumer, 2001).

    reward of headline i = v · [Λ − Λ₋ᵢ]₊ / Σ_k [Λ − Λ₋ₖ]₊

Λ is the alert's log-evidence, Λ₋ᵢ what it would be without headline i; v is +1 for a verdict that
confirms the alert and −1 for one that rejects it. Headlines that held the evidence down get none.

A verdict says that *some* of the labels behind an alert are wrong, not which. Rather than teach
the policy all of them a little, the headlines that the alert leaned on most are put before an
analyst, who answers for each: `foremost` picks them.
"""

from __future__ import annotations

from collections.abc import Sequence

from alerts.types import Story

ASKED = 3  # headlines of one alert that are put before an analyst


def difference_rewards(v: int, differences: Sequence[float]) -> tuple[float, ...]:
    """The reward of each headline by its Λ − Λ₋ᵢ (nats); all zero where none is positive."""
    positive = [max(0.0, difference) for difference in differences]
    whole = sum(positive)
    return tuple(v * part / whole if whole else 0.0 for part in positive)


def foremost(stories: Sequence[Story], most: int = ASKED) -> list[tuple[Story, float]]:
    """Up to `most` stories of a rejected alert with the part of the blame of each, above 0."""
    rewards = difference_rewards(-1, [story.weight for story in stories])
    blamed = [(story, -reward) for story, reward in zip(stories, rewards, strict=True) if reward]
    return sorted(blamed, key=lambda pair: -pair[1])[:most]
