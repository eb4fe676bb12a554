"""The story that the demo plays: three quiet days with their traps, and one day of crisis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from monitor.newswire.carriage import Publication, carriers, ordinary_reach, publish
from monitor.newswire.casting import Casting, Story
from monitor.newswire.frames import read_crises
from monitor.newswire.outlets import Outlet, read_outlets
from monitor.newswire.plot import (
    BadDate,
    Crisis,
    Outage,
    Syndication,
    draw_bad_dates,
    draw_burst,
    draw_crisis,
    draw_outage,
    draw_syndicated,
)
from monitor.newswire.timetable import DAYS, QUIET_DAYS, Burst, quiet_beats
from monitor.newswire.world import World, read_world

__all__ = [
    "BadDate",
    "Burst",
    "Crisis",
    "Outage",
    "Publication",
    "Script",
    "Story",
    "Syndication",
    "write_script",
]

_SYNDICATED_COPIES = 25
_SYNDICATED_WITHIN = timedelta(minutes=100)
_COPIED_WITHIN = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that the publisher will publish, and what is hidden in it."""

    seed: int
    starts_at: datetime
    ends_at: datetime
    outlets: tuple[Outlet, ...]
    watch: tuple[tuple[str, tuple[str, ...]], ...]  # (name, aliases)
    stories: tuple[Story, ...]  # by time
    publications: tuple[Publication, ...]  # by time
    crisis: Crisis
    syndication: Syndication
    burst: Burst
    outage: Outage
    bad_dates: tuple[BadDate, ...]


def write_script(seed: int, starts_at: datetime) -> Script:
    """The script of a seed: the same for the same arguments, another story for another seed.

    starts_at: midnight UTC of the first quiet day; the crisis is on the fourth.
    """
    rng, world, outlets = Random(f"newswire {seed}"), read_world(), read_outlets()
    days = [starts_at + timedelta(days=day) for day in range(DAYS)]
    text = rng.choice(read_crises())
    company = world.company(rng.choice(text.companies))
    crisis, crisis_stories = draw_crisis(text, company, world, days[QUIET_DAYS], rng)
    burst_day, outage_day, syndicated_day = rng.sample(days[:QUIET_DAYS], QUIET_DAYS)
    burst = draw_burst(burst_day, crisis.topic, rng)
    outage = draw_outage(outage_day, outlets, rng)
    quiet = _quiet_stories(starts_at, burst, crisis, world, rng)
    syndicated = draw_syndicated(quiet, syndicated_day, crisis, world, rng)
    bad_dates = draw_bad_dates(quiet, starts_at, crisis, syndicated, rng)
    copies = [
        *_publish_quiet(quiet, outlets, syndicated, bad_dates, rng),
        *_publish_crisis(crisis_stories, outlets, rng),
    ]
    ends_at = starts_at + timedelta(days=DAYS)
    return Script(
        seed=seed,
        starts_at=starts_at,
        ends_at=ends_at,
        outlets=outlets,
        watch=tuple((c.name, (c.short, c.ticker)) for c in world.watched),
        stories=tuple(sorted((*quiet, *crisis_stories), key=lambda s: (s.at, s.number))),
        publications=tuple(
            sorted((p for p in copies if p.at < ends_at), key=lambda p: (p.at, p.outlet))
        ),
        crisis=crisis,
        syndication=Syndication(syndicated.at, syndicated.number, _SYNDICATED_COPIES),
        burst=burst,
        outage=outage,
        bad_dates=bad_dates,
    )


def _quiet_stories(
    starts_at: datetime, burst: Burst, crisis: Crisis, world: World, rng: Random
) -> tuple[Story, ...]:
    # The company of the crisis has no other news from the hour before it, good or bad.
    casting = Casting(world, rng, crisis.target, crisis.starts_at - timedelta(hours=1))
    beats = quiet_beats(starts_at, burst, rng)
    return tuple(casting.story(number, beat) for number, beat in enumerate(beats, 1))


def _publish_quiet(
    stories: Sequence[Story],
    outlets: Sequence[Outlet],
    syndicated: Story,
    bad_dates: Sequence[BadDate],
    rng: Random,
) -> Iterator[Publication]:
    claimed = {bad.story: bad.claimed for bad in bad_dates}
    dated = [outlet for outlet in outlets if outlet.date_style != "none"]
    for story in stories:
        if story is syndicated:
            chosen = rng.sample([o for o in outlets if o.weight], _SYNDICATED_COPIES)
            yield from publish(story, chosen, _SYNDICATED_WITHIN, rng)
        elif story.number in claimed:
            chosen = list(carriers(story, dated, 1, rng))
            yield from publish(story, chosen, _COPIED_WITHIN, rng, claimed[story.number])
        else:
            chosen = list(carriers(story, outlets, ordinary_reach(rng), rng))
            yield from publish(story, chosen, _COPIED_WITHIN, rng)


def _publish_crisis(
    stories: Sequence[Story], outlets: Sequence[Outlet], rng: Random
) -> Iterator[Publication]:
    for story in stories:
        chosen = carriers(story, outlets, rng.randint(3, 7), rng)
        yield from publish(story, chosen, _COPIED_WITHIN, rng)
