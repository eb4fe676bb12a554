"""One outlet sends its year once more: no crisis, no stories, no new idea of what is usual."""

from __future__ import annotations

import pytest
from fooling import (
    DAY,
    HOUR,
    START,
    Entries,
    again,
    crisis,
    days_of,
    ordinary,
    quiet,
    replayed,
    together,
    told,
)

DAYS, SENT_AGAIN = 45, 35


def bad_past(seed: int) -> Entries:
    """All bad news of the first month."""
    until = START + (SENT_AGAIN - 5) * DAY
    return [e for e in ordinary(seed, DAYS) if e.at < until and "fears" in e.title]


AT = START + SENT_AGAIN * DAY + 10 * HOUR


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("hours", [1, 24])
@pytest.mark.parametrize("outlet", ["wire", ""], ids=["one outlet", "its own outlet each"])
def test_a_past_told_again_changes_nothing_but_the_count_of_articles(
    seed: int, hours: int, outlet: str
) -> None:
    repeated = again(bad_past(seed), AT, hours, outlet)
    fooled = replayed(together(ordinary(seed, DAYS), repeated))
    assert len(repeated) > 900
    assert fooled["articles"] == quiet(seed, DAYS)["articles"] + len(repeated)
    same = ("stories", "alerts", "other_alerts")
    assert [fooled[key] for key in same] == [quiet(seed, DAYS)[key] for key in same]


def test_the_crisis_of_the_next_day_is_found_as_if_nothing_had_been() -> None:
    real = crisis(ordinary(0, DAYS), SENT_AGAIN + 1)
    fooled = replayed(together(real, again(bad_past(0), AT, 24, "wire")))
    assert days_of(fooled)[-1] == SENT_AGAIN + 1
    assert fooled["alerts"] == replayed(real)["alerts"]


def test_one_line_says_who_sent_its_past_again() -> None:
    said: list[str] = []
    replayed(together(ordinary(0, DAYS), again(bad_past(0), AT, 1, "wire")), said)
    (line,) = said
    assert f"{AT.date()}, wire: {len(bad_past(0))} headlines told before" in line
    assert "not counted" in line


def test_a_past_in_slightly_other_words_is_a_flood_of_one_outlet() -> None:
    said: list[str] = []
    repeated = again(bad_past(0), AT, 24, "post", lambda t: t.replace("Board", "The board") + " on")
    fooled = replayed(together(ordinary(0, DAYS), repeated), said)
    assert len(said) == 2
    assert all(", post: " in line and "beyond the" in line for line in said)
    assert fooled["stories"] < len(ordinary(0, DAYS)) + 100


def test_a_column_that_returns_every_morning_is_one_story_and_worth_no_line() -> None:
    title, said = "Stocks to watch on the board this morning", list[str]()
    mornings = [told(START + day * DAY + 7 * HOUR, title) for day in range(DAYS)]
    document = replayed(together(ordinary(1, DAYS), mornings), said)
    assert document["stories"] == len(ordinary(1, DAYS)) + 1
    assert said == []
    assert days_of(document) == days_of(quiet(1, DAYS))
