"""Which stories an alert rests on: the evidence that would be lost without each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np

from alerts.detector import DetectorConfig, Judged
from alerts.ledger import LabelledStory
from alerts.likelihood import log_ratios
from alerts.outcome import EPOCH
from alerts.types import Story

MOST = 12  # stories kept with an alert

Lost = Callable[[int, int, bool], float]  # stories, negatives of the bin; is this one negative?


def heaviest(stories: Sequence[LabelledStory], width: timedelta, lost: Lost) -> tuple[Story, ...]:
    """The stories of a stream since onset by Λ − Λ₋ᵢ, heaviest first.

    Λ is the sum over bins of ℓ_θ for the θ that leads; leaving a story out changes only its own
    bin, so the difference is exact (for the baseline as it stands now). Stories of equal weight:
    the wider spread, then the more surely negative, comes first.
    """
    bins = [(story.first_seen_at - EPOCH) // width for story in stories]
    n = Counter(bins)
    y = Counter(b for b, story in zip(bins, stories, strict=True) if story.negative)
    weights = {
        (b, negative): lost(n[b], y[b], negative)
        for b, negative in {(b, s.negative) for b, s in zip(bins, stories, strict=True)}
    }
    weighed = [_story(s, weights[b, s.negative]) for b, s in zip(bins, stories, strict=True)]
    weighed.sort(key=lambda s: (-s.weight, -len(s.origins), -s.probability_negative, s.id))
    return tuple(weighed[:MOST])


def lost_share(judged: Judged, k: int, config: DetectorConfig) -> Lost:
    """ℓ(n, y) of stream k less ℓ with one such story left out."""
    q0, rho = np.repeat(judged.share_of(k), 2), np.repeat(judged.rho[k], 2)
    theta = (config.odds[int(judged.odds[k])],)

    def lost(n: int, y: int, negative: bool) -> float:
        ell = log_ratios(np.array([n, n - 1]), np.array([y, y - negative]), q0, rho, theta)
        return float(ell[0, 0] - ell[1, 0])

    return lost


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
