"""Which stories an alert rests on: the evidence that would be lost without each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from alerts.detector import DetectorConfig, Judged, log_ratios
from alerts.ledger import LabelledStory
from alerts.types import Story

MOST = 12  # stories kept with an alert
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def heaviest(
    stories: Sequence[LabelledStory], judged: Judged, k: int, config: DetectorConfig
) -> tuple[Story, ...]:
    """The stories of stream k since onset by Λ − Λ₋ᵢ, heaviest first.

    Λ is the sum over bins of ℓ_θ for the odds ratio that leads; leaving a story out changes
    only its own bin, so the difference is exact (for the baseline as it stands now). Stories
    of equal weight: the wider spread, then the more surely negative, comes first.
    """
    bins = [(story.first_seen_at - EPOCH) // config.bin for story in stories]
    n = Counter(bins)
    y = Counter(b for b, story in zip(bins, stories, strict=True) if story.negative)
    weights = {
        (b, negative): _lost(n[b], y[b], negative, judged, k, config)
        for b, negative in {(b, s.negative) for b, s in zip(bins, stories, strict=True)}
    }
    weighed = [_story(s, weights[b, s.negative]) for b, s in zip(bins, stories, strict=True)]
    weighed.sort(key=lambda s: (-s.weight, -len(s.origins), -s.probability_negative, s.id))
    return tuple(weighed[:MOST])


def _lost(n: int, y: int, negative: bool, judged: Judged, k: int, config: DetectorConfig) -> float:
    """ℓ(n, y) − ℓ with one such story left out."""
    q0, rho = np.repeat(judged.share[k], 2), np.repeat(judged.rho[k], 2)
    theta = (config.odds[int(judged.odds[k])],)
    ell = log_ratios(np.array([n, n - 1]), np.array([y, y - negative]), q0, rho, theta)
    return float(ell[0, 0] - ell[1, 0])


def _story(story: LabelledStory, weight: float) -> Story:
    return Story(
        id=story.id,
        title=story.title,
        first_seen_at=story.first_seen_at,
        negative=story.negative,
        probability_negative=story.probability_negative,
        weight=weight,
        copies=story.copies,
    )
