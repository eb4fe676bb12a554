"""Which outlets carry a story, when, and how each rewords its title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from monitor.newswire.casting import Story
from monitor.newswire.datestyles import DATE_STYLES
from monitor.newswire.outlets import Outlet

_REWORDINGS = (
    (" bln ", " billion "),
    (" mln ", " million "),
    (" chief executive", " CEO"),
    (" finance chief", " CFO"),
    (" after ", " following "),
    ("Prime Minister ", "PM "),
    (" investigation", " inquiry"),
    ("quarterly ", "quarter's "),
    (" amid ", " in the midst of "),
)
_LONG_ENOUGH = 7  # words of a title that an outlet signs with its name


@dataclass(frozen=True, slots=True)
class Publication:
    """One outlet's copy of a story, as its feed shows it."""

    at: datetime
    outlet: str  # slug
    title: str
    summary: str
    link: str  # a path on the publisher
    guid: str
    date_raw: str  # what the feed says, in the outlet's own style; "" where it says nothing
    story: int


def ordinary_reach(rng: Random) -> int:
    """How many outlets carry a quiet story: mostly one, now and then up to six."""
    return 1 if rng.random() < 0.7 else rng.randint(2, 6)


def carriers(
    story: Story, outlets: Sequence[Outlet], reach: int, rng: Random
) -> tuple[Outlet, ...]:
    """The outlets that carry a story, the first one first; institutions speak for themselves."""
    open_outlets = [o for o in outlets if o.weight and (not o.topics or story.topic in o.topics)]
    chosen = _weighted_sample(open_outlets, min(reach, len(open_outlets)), rng)
    own = tuple(o for o in outlets if o.institution and _concerns(o, story))
    return own + chosen


def publish(
    story: Story,
    chosen: Sequence[Outlet],
    within: timedelta,
    rng: Random,
    claimed: datetime | None = None,
) -> tuple[Publication, ...]:
    """The first outlet's copy at the story's own time, the others' at random times within.

    claimed: what the feeds give as the date, where that is not the truth.
    """
    copies = []
    for place, outlet in enumerate(chosen):
        delay = within * (rng.uniform(0.02, 1) if place else 0)
        title = story.title if place == 0 else _reworded(story.title, outlet, rng)
        copies.append(_copy(story, outlet, title, story.at + delay, claimed))
    return tuple(copies)


def _copy(
    story: Story, outlet: Outlet, title: str, at: datetime, claimed: datetime | None
) -> Publication:
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-")
    at = at.replace(microsecond=0)
    return Publication(
        at=at,
        outlet=outlet.slug,
        title=title,
        summary=story.summary,
        link=f"/{outlet.slug}/{at:%Y/%m/%d}/{slug}-{story.number}",
        guid=f"tag:{outlet.domain},{at:%Y}:{story.number}",
        date_raw=DATE_STYLES[outlet.date_style](claimed or at),
        story=story.number,
    )


def _reworded(title: str, outlet: Outlet, rng: Random) -> str:
    """The title as a second outlet would run it: mostly as it came, or lightly edited."""
    habit = rng.random()
    if habit < 0.4:
        return title
    if habit < 0.6 and len(title.split()) >= _LONG_ENOUGH:
        return f"{title} - {outlet.name}"
    if habit < 0.7:
        return f"UPDATE 1-{title}"
    fitting = [pair for pair in _REWORDINGS if pair[0] in title]
    return title.replace(*rng.choice(fitting), 1) if fitting else title


def _concerns(outlet: Outlet, story: Story) -> bool:
    """Notices of its topics, and its own acts; nobody announces what others hold against it."""
    if story.title.startswith(outlet.name):
        return story.sentiment != "negative" or story.topic == "Legal | Regulation"
    return story.topic in outlet.topics and story.sentiment == "neutral"


def _weighted_sample(outlets: Sequence[Outlet], count: int, rng: Random) -> tuple[Outlet, ...]:
    """Without replacement, by exponential keys (Efraimidis and Spirakis 2006).

    An outlet that writes about few topics is the likelier to have a story about them.
    """
    weights = [outlet.weight * (3 if outlet.topics else 1) for outlet in outlets]
    keys = [rng.random() ** (1 / weight) for weight in weights]
    keyed = sorted(zip(keys, outlets, strict=True), key=lambda pair: pair[0], reverse=True)
    return tuple(outlet for _, outlet in keyed[:count])
