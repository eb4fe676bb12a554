from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise

import pytest

from monitor.newswire.frames import read_crises
from monitor.newswire.script import Script, Story, write_script
from monitor.newswire.world import read_world
from policy.types import TOPICS

STARTS_AT = datetime(2031, 3, 3, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SEEDS = range(31)


@cache
def script_of(seed: int) -> Script:
    return write_script(seed, STARTS_AT)


def quiet_of(script: Script) -> list[Story]:
    crisis = script.crisis
    inside = (crisis.topic, crisis.target)
    return [
        story
        for story in script.stories
        if not ((story.topic, story.company) == inside and story.at >= crisis.starts_at)
    ]


def negative_share(stories: list[Story]) -> float:
    return sum(story.sentiment == "negative" for story in stories) / len(stories)


def test_the_same_seed_tells_the_same_story() -> None:
    assert write_script(3, STARTS_AT) == write_script(3, STARTS_AT)


def test_seeds_differ_in_topic_company_and_hour() -> None:
    crises = [script_of(seed).crisis for seed in SEEDS]
    assert {crisis.topic for crisis in crises} == {text.topic for text in read_crises()}
    assert len({crisis.target for crisis in crises}) >= 6
    assert len({crisis.starts_at for crisis in crises}) >= 20


def test_the_script_does_not_depend_on_when_it_starts_beyond_its_dates() -> None:
    earlier, later = script_of(1), write_script(1, STARTS_AT + 7 * DAY)
    assert [s.at + 7 * DAY for s in earlier.stories] == [s.at for s in later.stories]


@pytest.mark.parametrize("seed", SEEDS)
def test_volume_is_a_newsroom_s_and_fits_the_four_days(seed: int) -> None:
    script = script_of(seed)
    assert 700 <= len(script.stories) <= 900
    assert script.ends_at == STARTS_AT + 4 * DAY
    assert all(STARTS_AT <= p.at < script.ends_at for p in script.publications)
    assert list(script.publications) == sorted(script.publications, key=lambda p: (p.at, p.outlet))
    assert len({p.guid for p in script.publications}) == len(script.publications)
    assert len({p.link for p in script.publications}) == len(script.publications)
    assert len({story.title for story in script.stories}) == len(script.stories)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_quiet_share_is_a_quarter_in_every_topic_and_on_every_day(seed: int) -> None:
    quiet = quiet_of(script_of(seed))
    for day in range(4):
        of_day = [s for s in quiet if (s.at - STARTS_AT) // DAY == day]
        assert 0.2 <= negative_share(of_day) <= 0.3
    for topic in TOPICS:
        assert 0.21 <= negative_share([s for s in quiet if s.topic == topic]) <= 0.29


@pytest.mark.parametrize("seed", SEEDS)
def test_no_topic_and_no_watched_company_has_a_run_of_negatives_in_quiet_time(seed: int) -> None:
    quiet = quiet_of(script_of(seed))
    streams = [[s for s in quiet if s.topic == topic] for topic in TOPICS]
    streams += [[s for s in quiet if s.company == c.name] for c in read_world().watched]
    for stream in streams:
        sentiments = [story.sentiment for story in stream]
        assert ("negative", "negative") not in set(pairwise(sentiments)), stream[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_watched_company_is_often_in_quiet_news(seed: int) -> None:
    mentions = Counter(story.company for story in quiet_of(script_of(seed)))
    assert all(mentions[company.name] >= 12 for company in read_world().watched)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_crisis_is_one_company_s_on_the_fourth_day(seed: int) -> None:
    script, crisis = script_of(seed), script_of(seed).crisis
    told = [s for s in script.stories if s not in quiet_of(script)]
    assert 34 <= len(told) == crisis.stories <= 40
    assert 7 <= (crisis.starts_at - STARTS_AT - 3 * DAY) / HOUR < 14
    assert 6 <= (crisis.ends_at - crisis.starts_at) / HOUR <= 9
    assert {s.topic for s in told} == {crisis.topic}
    assert {s.sentiment for s in told} == {"negative"}
    assert all(crisis.starts_at <= s.at <= crisis.ends_at for s in told)
    carried = Counter(p.story for p in script.publications)
    assert sum(carried[s.number] for s in told) >= 3 * len(told)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_company_of_the_crisis_makes_no_other_news_during_it(seed: int) -> None:
    script = script_of(seed)
    quiet = [s for s in quiet_of(script) if s.at >= script.crisis.starts_at]
    assert script.crisis.target not in {story.company for story in quiet}


@pytest.mark.parametrize("seed", SEEDS)
def test_nearly_every_crisis_headline_names_the_company(seed: int) -> None:
    script = script_of(seed)
    names = dict(script.watch)[script.crisis.target]
    told = [s for s in script.stories if s not in quiet_of(script)]
    assert sum(any(name in s.title for name in names) for s in told) >= 0.9 * len(told)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_negative_story_is_syndicated_to_most_outlets_within_two_hours(seed: int) -> None:
    script, trap = script_of(seed), script_of(seed).syndication
    story = next(s for s in script.stories if s.number == trap.story)
    copies = [p for p in script.publications if p.story == trap.story]
    assert len(copies) == trap.copies == len({p.outlet for p in copies}) == 25
    assert max(p.at for p in copies) - trap.at <= 2 * HOUR
    assert story.sentiment == "negative"
    assert story.company in dict(script.watch)
    assert story.company != script.crisis.target


@pytest.mark.parametrize("seed", SEEDS)
def test_the_burst_is_four_times_the_usual_volume_with_the_usual_share(seed: int) -> None:
    script, burst = script_of(seed), script_of(seed).burst
    assert burst.topic != script.crisis.topic
    assert burst.ends_at - burst.starts_at == 6 * HOUR
    topic = [s for s in quiet_of(script) if s.topic == burst.topic]
    within = [s for s in topic if burst.starts_at <= s.at < burst.ends_at]
    usual = [
        s
        for s in topic
        if burst.starts_at.hour <= s.at.hour < burst.ends_at.hour
        and s.at.date() != burst.starts_at.date()
    ]
    assert len(within) >= 2.5 * len(usual) / 3
    assert 0.14 <= negative_share(within) <= 0.36


@pytest.mark.parametrize("seed", SEEDS)
def test_half_of_the_outlets_go_dark_for_six_hours(seed: int) -> None:
    script, outage = script_of(seed), script_of(seed).outage
    assert outage.ends_at - outage.starts_at == 6 * HOUR
    assert len(outage.outlets) == len(script.outlets) // 2
    missed = [
        p
        for p in script.publications
        if p.outlet in outage.outlets and outage.starts_at <= p.at < outage.ends_at
    ]
    assert missed
    assert max(Counter(p.outlet for p in missed).values()) <= 20


@pytest.mark.parametrize("seed", SEEDS)
def test_the_three_long_traps_have_a_quiet_day_each(seed: int) -> None:
    script = script_of(seed)
    starts = (script.syndication.at, script.burst.starts_at, script.outage.starts_at)
    assert {(at - STARTS_AT) // DAY for at in starts} == {0, 1, 2}


@pytest.mark.parametrize("seed", SEEDS)
def test_two_negative_stories_of_the_crisis_topic_carry_false_dates(seed: int) -> None:
    script = script_of(seed)
    stories = {story.number: story for story in script.stories}
    for bad, year in zip(script.bad_dates, ("1970", "2099"), strict=True):
        story = stories[bad.story]
        copies = [p for p in script.publications if p.story == bad.story]
        assert (story.topic, story.sentiment) == (script.crisis.topic, "negative")
        assert bad.at < STARTS_AT + 3 * DAY
        assert copies
        assert all(p.at.year == 2031 and year in p.date_raw for p in copies)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_headline_is_told_twice_of_the_same_company(seed: int) -> None:
    script = script_of(seed)
    bare = [
        ("".join(c for c in s.title if not c.isdigit()), s.company)
        for s in script.stories
        if s.company
    ]
    assert [pair for pair, times in Counter(bare).items() if times > 1] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_no_slot_is_left_open_in_titles_and_summaries(seed: int) -> None:
    for publication in script_of(seed).publications:
        text = publication.title + publication.summary
        assert "{" not in text
        assert "}" not in text
        assert "  " not in text
        assert publication.title == publication.title.strip()


def test_company_names_are_spoken_as_the_watch_list_spells_them() -> None:
    for seed in SEEDS:
        script = script_of(seed)
        names = dict(script.watch)
        for story in script.stories:
            if story.company in names and story.number < 5000:
                assert names[story.company][0] in story.title


def test_a_headline_speaks_of_one_watched_company_at_most() -> None:
    shorts = [company.short for company in read_world().watched]
    for story in script_of(5).stories:
        assert sum(short in story.title for short in shorts) <= 1, story.title
