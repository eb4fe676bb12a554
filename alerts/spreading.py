"""When an open alert has become worth a second message, and what that message is made of.

Two things are: that others have joined it (each has crossed a threshold of its own, so the promise
covers this), and that the negatives above what is usual have doubled since the last message. Of
false alarms hardly any does: the stream goes back to what is usual, and nothing is added
(tests/bench/bench_growth.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from alerts.contributors import MOST, heaviest
from alerts.ledger import LabelledStory
from alerts.types import Alert

GROWTH = 2.0  # times the excess that was told


def has_spread(parent: Alert, child: Alert, width: timedelta) -> bool:
    """Whether a child that joins an open alert is worth a message: what joins within a bin (of this
    width) was part of what has just been told."""
    return child.raised_at - parent.raised_at >= width


def has_grown(
    baseline: float, told: tuple[int, int], by_now: tuple[int, int], min_stories: int
) -> bool:
    """Whether the excess over the baseline has doubled since it was last told of.

    Negatives and stories since the onset: as they were `told`, and as they are `by_now`.
    """
    before, after = (negatives - baseline * n for negatives, n in (told, by_now))
    return by_now[0] - told[0] >= min_stories and after >= GROWTH * max(before, 1.0)


def joined(alert: Alert, children: Sequence[Alert]) -> list[Alert]:
    """Children that were raised after their parent, the latest first."""
    late = [child for child in children if child.raised_at > alert.raised_at]
    return sorted(late, key=lambda child: (child.raised_at, child.id), reverse=True)


def as_spread(alert: Alert, late: Sequence[Alert]) -> Alert:
    """The alert with the stories of those that joined, and as severe as the severest of them."""
    critical = any(one.severity == "critical" for one in (alert, *late))
    stories = {story.id: story for one in reversed(late) for story in reversed(one.stories)}
    return replace(
        alert,
        severity="critical" if critical else "warning",
        stories=tuple(reversed(stories.values())),
    )


def as_grown(
    alert: Alert, by_now: tuple[int, int], since: Sequence[LabelledStory], width: timedelta
) -> Alert:
    """The alert as it stands: its count since the onset, and of the stories told `since` it was
    raised the latest negative ones, those of most outlets first."""
    negatives, stories = by_now
    latest = [story for story in since if story.negative][-MOST:]
    bad = heaviest(latest, width, lambda n, y, negative: 0.0)
    return replace(alert, negatives_since_onset=negatives, stories_since_onset=stories, stories=bad)
