"""What happens to news that is not news: copies, outages, bursts, holidays, another checkpoint.

`since` is the number of hours since the stream's last nuisance began, negative before the first;
all arrays are (T, K), hours × streams.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alerts.bench.regimes import Nuisance
from alerts.bench.windows import Counts, Floats, rolling

LEAK = 1 / 75  # of copies pass for new stories: measured by titles alone; summaries leave 1 in 300
COPIES = 5
OUTAGE = 12  # hours
DARK = 24
OFFSET = 0.2  # logits between an outlet and the middle of all
CHECKPOINTS = ((0.85, 0.08), (0.75, 0.15))  # (sensitivity, false positives) of the two


def volume_factor(nuisance: Nuisance, since: Counts) -> Floats:
    """By what the volume is multiplied."""
    if nuisance == "burst":
        return np.where((since >= 0) & (since < 24), 4.0, 1.0)
    if nuisance == "holiday":
        return np.where((since >= 0) & (since < 48), 1 / 7, 1.0)
    if nuisance == "outlet_dark":
        return np.where(_dark(since), 0.5, 1.0)
    return np.ones(since.shape)


def observed_share(nuisance: Nuisance, share: Floats, since: Counts, events: Counts) -> Floats:
    """The share of stories labelled negative, given that of those that are."""
    if nuisance == "outlet_dark":  # the two halves together keep about the share of the whole
        odds = share / (1 - share) * np.exp(OFFSET)
        return np.where(_dark(since), odds / (1 + odds), share)
    if nuisance == "promotion":
        sensitivity, false = np.array(CHECKPOINTS)[events % 2].transpose(2, 0, 1)
        return np.asarray(share * sensitivity + (1 - share) * false)
    return share


def relabelled(
    n: Counts, y: Counts, share: Floats, labelled: Floats, event: int, rng: np.random.Generator
) -> Counts:
    """(4, K) stories of the hours (T, K) before promotion number `event`, from 1, labelled twice.

    As `alerts.rebase.Relabelled`: stories, negative before, after, by both. `share` are truly
    negative, `labelled` are said to be by the old checkpoint. The two err independently, which
    tells less of the new labels by the old ones than checkpoints of one family would.
    """
    (s, f), (s2, f2) = CHECKPOINTS[(event - 1) % 2], CHECKPOINTS[event % 2]
    both = (share * s * s2 + (1 - share) * f * f2) / labelled
    new = (share * (1 - s) * s2 + (1 - share) * (1 - f) * f2) / (1 - labelled)
    twice = rng.binomial(y, both)
    after = twice + rng.binomial(n - y, new)
    return np.asarray([each.sum(axis=0) for each in (n, y, after, twice)])


def _dark(since: Counts) -> NDArray[np.bool_]:
    return (since >= 0) & (since < DARK)


def disturb(
    nuisance: Nuisance, n: Counts, y: Counts, since: Counts, rng: np.random.Generator
) -> tuple[Counts, Counts]:
    """Counts as they arrive, of counts as they happened."""
    if nuisance == "syndication":
        week = (since >= 0) & (since < 168)
        bad, good = (_leaked(np.where(week, part, 0), rng) for part in (y, n - y))
        return n + bad + good, y + bad
    if nuisance == "one_story":
        here = (since >= 0) & (since < 3)  # its 24 copies come within three hours
        more = rng.binomial(np.where(here, 8, 0), LEAK) + (since == 0)
        return n + more, y + more
    if nuisance == "outage":
        return _late(n, since), _late(y, since)
    return n, y


def _leaked(stories: Counts, rng: np.random.Generator) -> Counts:
    """Copies of 30 % of the stories that count as stories."""
    return np.asarray(rng.binomial(COPIES * rng.binomial(stories, 0.3), LEAK))


def _late(counts: Counts, since: Counts) -> Counts:
    """Nothing for the hours of the outage, and all of it in the hour after."""
    silent = (since >= 0) & (since < OUTAGE)
    missed = rolling(np.where(silent, counts, 0), OUTAGE + 1).astype(np.int64)
    return np.asarray(np.where(silent, 0, counts + np.where(since == OUTAGE, missed, 0)))
