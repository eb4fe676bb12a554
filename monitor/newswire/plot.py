"""What is hidden in a script: the crisis and the traps, as records and as draws of the seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from monitor.newswire.casting import Story
from monitor.newswire.frames import CrisisText, company_words, draw_words, fill
from monitor.newswire.outlets import Outlet
from monitor.newswire.timetable import BURST_TOPICS, QUIET_DAYS, Burst, spread
from monitor.newswire.world import Company, World

_HOURS_LONG = 6  # burst and outage
_CRISIS_NUMBER = 5000  # crisis stories are numbered from here, quiet ones from 1

# Slots that stay the same throughout a crisis.
_CAST = (
    *("country", "adj", "currency", "cbank", "reg", "index", "premier", "governor"),
    *("minister", "capital", "person", "person2", "city", "q", "qn", "month", "anyday", "pastyear"),
)


@dataclass(frozen=True, slots=True)
class Crisis:
    """The one true spike: negative stories of one topic about one watched company."""

    topic: str
    target: str
    starts_at: datetime
    ends_at: datetime
    stories: int


@dataclass(frozen=True, slots=True)
class Syndication:
    """A trap: one negative story about a watched company, copied by most outlets."""

    at: datetime
    story: int
    copies: int


@dataclass(frozen=True, slots=True)
class Outage:
    """A trap: half of the outlets do not answer; what they publish meanwhile shows up later."""

    starts_at: datetime
    ends_at: datetime
    outlets: tuple[str, ...]  # slugs


@dataclass(frozen=True, slots=True)
class BadDate:
    """A trap: a negative story whose feed says that it was published in another age."""

    at: datetime  # when it really is published
    story: int
    claimed: datetime  # when its feed says it was


def draw_burst(day: datetime, crisis_topic: str, rng: Random) -> Burst:
    """A burst on that day, in another topic than the crisis."""
    topic = rng.choice([topic for topic in BURST_TOPICS if topic != crisis_topic])
    starts_at = day + timedelta(hours=rng.randint(8, 13))
    return Burst(topic, starts_at, starts_at + timedelta(hours=_HOURS_LONG))


def draw_outage(day: datetime, outlets: Sequence[Outlet], rng: Random) -> Outage:
    """An outage of half of the outlets on that day."""
    starts_at = day + timedelta(hours=rng.randint(7, 14))
    dark = rng.sample([outlet.slug for outlet in outlets], len(outlets) // 2)
    return Outage(starts_at, starts_at + timedelta(hours=_HOURS_LONG), tuple(sorted(dark)))


def draw_crisis(
    text: CrisisText, company: Company, world: World, day: datetime, rng: Random
) -> tuple[Crisis, tuple[Story, ...]]:
    """The crisis and its stories: 34 to all of its headlines, in order, over 6 to 9 hours.

    One country, one minister and the same persons run through all of them.
    """
    starts_at = day + timedelta(hours=rng.randint(7, 13), minutes=rng.randrange(60))
    ends_at = starts_at + timedelta(minutes=rng.randint(6 * 60, 9 * 60))
    count = rng.randint(34, len(text.headlines))
    told = sorted(rng.sample(range(len(text.headlines)), count))
    cast = draw_words(world, starts_at, rng)
    stories = []
    for number, at in enumerate(spread(starts_at, ends_at, count, rng)):
        words = _crisis_words(company, cast, at, world, rng)
        title = fill(text.headlines[told[number]], words)
        summary = fill(text.summaries[number % len(text.summaries)], words)
        number += _CRISIS_NUMBER
        stories.append(Story(number, at, text.topic, "negative", title, summary, company.name))
    return Crisis(text.topic, company.name, starts_at, ends_at, count), tuple(stories)


def draw_syndicated(
    stories: Sequence[Story], day: datetime, crisis: Crisis, world: World, rng: Random
) -> Story:
    """A negative story about a watched company, in office hours of that day."""
    open_stories = [
        story
        for story in stories
        if day + timedelta(hours=6) <= story.at < day + timedelta(hours=18)
        and story.sentiment == "negative"
        and story.company in {company.name for company in world.watched}
        and story.company != crisis.target
    ]
    return rng.choice(open_stories)


def draw_bad_dates(
    stories: Sequence[Story], starts_at: datetime, crisis: Crisis, but: Story, rng: Random
) -> tuple[BadDate, ...]:
    """Two negative quiet stories in the crisis topic, one dated in 1970 and one in 2099."""
    quiet_until = starts_at + timedelta(days=QUIET_DAYS)
    open_stories = [
        story
        for story in stories
        if story.topic == crisis.topic
        and story.sentiment == "negative"
        and story.at < quiet_until
        and story is not but
    ]
    past, future = rng.sample(open_stories, 2)
    epoch = datetime(1970, 1, 1, 12, tzinfo=starts_at.tzinfo)
    far = datetime(2099, 12, 31, 12, tzinfo=starts_at.tzinfo)
    return BadDate(past.at, past.number, epoch), BadDate(future.at, future.number, far)


def _crisis_words(
    company: Company, cast: dict[str, str], at: datetime, world: World, rng: Random
) -> dict[str, str]:
    fresh = draw_words(world, at, rng)
    lasting = {slot: cast[slot] for slot in _CAST}
    others = [c.short for c in world.companies if not c.watched]
    return {**fresh, **lasting, **company_words(company, rng), "co2": rng.choice(others)}
