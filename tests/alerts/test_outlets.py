"""Which rises are one outlet's, and which new rise an open crisis explains."""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, datetime, timedelta

import pytest

from alerts import outlets
from alerts.ledger import LabelledStory
from alerts.lifecycle import Rise, explained
from alerts.outlets import Claim, Heard
from alerts.types import Copy, Stream

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USUAL = {"wire": 140, "paper": 126, "tribune": 14}  # in two weeks


def story(number: int, *origins: str, negative: bool = True) -> LabelledStory:
    at = NOON + number * timedelta(minutes=1)
    copies = tuple(Copy(origin, "", at) for origin in origins)
    return LabelledStory(number, "", "", f"Story {number}", at, negative, 0.9, copies)


def claim(stories: list[LabelledStory], evidence: float = 9.0) -> Claim:
    """A rise of two hours; each negative story is worth half a nat, an alert needs one of them."""

    def lacks(gone: Set[int]) -> str | None:
        return None if {one.id for one in stories} - gone else "nothing new is left"

    return Claim(
        evidence, 8.0, stories, lambda _n, _y, bad: 0.5 * bad, HOUR, 2 * HOUR, stories, lacks
    )


def held(stories: list[LabelledStory], evidence: float = 9.0, **lately: int) -> str | None:
    heard = Heard(lately, USUAL, DAY, DAY / (14 * DAY))
    return outlets.why_hold(claim(stories, evidence), [heard], few=3)


FLOOD = [story(i, "tribune") for i in range(20)]


def test_a_rise_that_falls_with_one_flooding_outlet_is_held_and_the_outlet_named() -> None:
    reason = held([*FLOOD, story(30, "wire")], wire=10, paper=9, tribune=20)
    assert reason is not None
    assert reason.startswith("tribune floods: without 20 stories beyond what is usual")


def test_what_another_outlet_tells_too_is_not_held_against_the_flood() -> None:
    told = [story(i, "tribune", "wire") for i in range(20)]
    assert held(told, wire=10, paper=9, tribune=20) is None


def test_a_rise_that_stands_without_the_flood_is_told() -> None:
    assert held([*FLOOD, story(30, "wire")], evidence=19.0, wire=10, paper=9, tribune=20) is None


def test_evidence_that_had_piled_up_before_the_flood_is_not_spoken_for_by_it() -> None:
    reason = held(FLOOD, evidence=19.0, wire=10, paper=9, tribune=20)
    assert reason is not None
    assert reason.endswith("beyond what is usual nothing new is left")


def test_an_outlet_that_turns_to_one_topic_does_not_flood() -> None:
    """It tells ten stories a day, and today all of them about this."""
    about = [story(i, "wire") for i in range(10)]
    assert held(about, wire=10, paper=9, tribune=1) is None


def test_who_tells_more_as_all_do_does_not_flood() -> None:
    about = [story(i, "wire") for i in range(30)]
    assert held(about, wire=30, paper=9, tribune=1) is not None
    assert held(about, wire=30, paper=25, tribune=3) is None


def test_without_others_to_compare_with_nobody_floods() -> None:
    heard = Heard({"wire": 300}, {"wire": 140}, DAY, DAY / (14 * DAY))
    flood = [story(i, "wire") for i in range(300)]
    assert outlets.why_hold(claim(flood), [heard], few=3) is None


def test_of_a_surge_every_negative_story_has_brought_as_much() -> None:
    lost = outlets.alike(12.0, [story(1, "a"), story(2, "b"), story(3, "c", negative=False)])
    assert (lost(3, 2, True), lost(3, 2, False)) == (6.0, 0.0)


def rise(stream: Stream, negatives: range, since: int = 0) -> Rise:
    stories = tuple(story(i, "wire") for i in negatives)
    return Rise(stream, NOON + since * timedelta(minutes=1), 9.0, 0.25, stories)


@pytest.mark.parametrize(
    ("open_one", "new", "taken_in"),
    [
        (range(100), range(90, 100), True),  # a topic of the whole that is open
        (range(90, 93), range(90, 100), False),  # the whole, beside a topic that is open
        (range(90, 95), range(90, 100), True),  # a crisis that spreads
        (range(50), range(90, 100), False),
    ],
)
def test_an_open_crisis_takes_in_what_it_explains_by_half(
    open_one: range, new: range, taken_in: bool
) -> None:
    known = [rise(Stream("Oil"), open_one), rise(Stream("Legal"), range(200, 210))]
    assert explained(rise(Stream(), new, since=90), known) is taken_in


def test_since_the_later_onset_only() -> None:
    seed = rise(Stream("Oil"), range(100))
    assert explained(seed, [rise(Stream(), range(80, 100), since=80)])


def test_a_rise_without_negatives_since_then_is_explained_by_nothing() -> None:
    assert not explained(rise(Stream("Oil"), range(10)), [rise(Stream(), range(50, 60), since=50)])
