"""One outlet floods: told as what it is, no crisis of the topic, and what is usual stays so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from fooling import (
    DAY,
    HOUR,
    OUTLETS,
    PLAN,
    START,
    DeskWords,
    crisis,
    day_of,
    days_of,
    flood,
    kinds,
    ordinary,
    quiet,
    replayed,
    together,
)

from monitor.floods import FEW, TIMES, allowed
from monitor.replay import replay

DAYS, FLOODED = 36, 30
AT = START + FLOODED * DAY + 10 * HOUR


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(("hours", "many"), [(3, 300), (1, 60), (12, 100)])
def test_three_hundred_bad_stories_of_one_outlet_are_no_crisis(
    seed: int, hours: int, many: int
) -> None:
    document = replayed(together(ordinary(seed, DAYS), flood(AT, hours, many, seed=seed)))
    assert days_of(document) == days_of(quiet(seed, DAYS))
    assert kinds(document) == kinds(quiet(seed, DAYS))
    assert document["stories"] < quiet(seed, DAYS)["stories"] + 60


def test_a_flood_on_one_desk_is_no_crisis_of_that_topic() -> None:
    document = replayed(together(ordinary(0, DAYS), flood(AT, 3, 150, desk="court")))
    assert days_of(document) == days_of(quiet(0, DAYS))


@pytest.mark.parametrize("hours", [1, 3])
def test_an_outlet_that_nobody_has_heard_before_floods_and_is_no_crisis(hours: int) -> None:
    stranger = flood(AT, hours, 300, "stranger")
    document = replayed(together(ordinary(0, DAYS), stranger))
    assert days_of(document) == days_of(quiet(0, DAYS))
    assert document["stories"] < quiet(0, DAYS)["stories"] + 60


def test_the_same_from_all_outlets_is_a_crisis() -> None:
    """The control: it is the one outlet that makes the difference."""
    everybody = [flood(AT, 3, 36, outlet, seed=number) for number, outlet in enumerate(OUTLETS)]
    document = replayed(together(ordinary(0, DAYS), *everybody))
    assert FLOODED in days_of(document)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_crisis_of_the_next_day_is_found_as_soon_as_without_the_flood(seed: int) -> None:
    real = crisis(ordinary(seed, DAYS), FLOODED + 1, seed)
    *before, alone = replayed(real)["alerts"]
    *same, found = replayed(together(real, flood(AT, 3, 300, seed=seed)))["alerts"]
    assert same == before
    assert day_of(found) == day_of(alone) == FLOODED + 1
    late = datetime.fromisoformat(found["at"]) - datetime.fromisoformat(alone["at"])
    assert late <= 2 * HOUR


def test_one_line_names_the_outlet_and_what_it_may_tell() -> None:
    said: list[str] = []
    replayed(together(ordinary(0, DAYS), flood(AT, 3, 300)), said)
    (line,) = said
    assert line.startswith(f"{AT.date()}, tribune: ")
    assert "that it may tell on a day: not counted" in line


def test_an_archive_of_one_source_is_judged_as_it_is() -> None:
    one = [replace(entry, origin="wire") for entry in ordinary(0, DAYS)]
    document = replayed(together(one, flood(AT, 3, 300, "wire")))
    assert document["stories"] == document["articles"]
    assert FLOODED in days_of(document)


def test_an_outlet_may_tell_more_when_all_others_do() -> None:
    own, others = [8] * 14, [160] * 14
    assert allowed(own, others, 100) == TIMES * 8
    assert allowed(own, others, 1_600) == TIMES * 80
    assert allowed([0] * 14, others, 100) == FEW
    assert allowed([*own[1:], 500], others, 100) == TIMES * 8  # one flood teaches nothing
    assert allowed(own, [0] * 14, 0) is None


def test_the_policy_is_not_asked_less_for_what_is_set_aside() -> None:
    """Kept and labelled: only the counting leaves it out."""
    asked: list[str] = []

    class Listening(DeskWords):
        def label(self, texts: Any, targets: Any = None) -> Any:
            asked.extend(texts)
            return super().label(texts, targets)

    entries = together(ordinary(0, DAYS), flood(AT, 3, 300))
    replay(entries, Listening(), PLAN)
    assert {entry.title for entry in entries} == set(asked)
