"""The selection probability that is kept is the one with which a question was chosen."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from review_rows import NOW, PLAIN, add_stories, settings
from sqlalchemy import Connection

from monitor.review.desk import Desk, desk_of
from monitor.review.drawing import Drawn, draw, shares_of
from monitor.store.engine import Store


def a_desk(tx: Connection, seed: int = 1) -> Desk:
    return desk_of(tx, settings(gold=0).review, "anna", NOW, random.Random(seed))


def drawn(desk: Desk, times: int) -> list[Drawn]:
    found = [draw(desk, None) for _ in range(times)]
    return [one for one in found if one is not None]


@pytest.mark.parametrize("trial", [False, True])
def test_the_shares_of_the_parts_make_a_whole(trial: bool) -> None:
    shares = shares_of(PLAIN.review, trial)
    assert (shares.gold, shares.audit) == (0.03, 0.10)
    parts = (shares.uncertain, shares.audit, shares.again, shares.gold, shares.disagreement)
    assert sum(parts) == pytest.approx(1)
    assert min(parts) >= 0
    assert (shares.disagreement > 0.3) == trial


def test_questions_are_chosen_as_often_as_their_selection_says(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 4, chance=0.5)
        add_stories(tx, 4, first=5, chance=0.8)
        add_stories(tx, 4, first=9, chance=0.99)
    with sqlite_store.read() as tx:
        found = drawn(a_desk(tx), 1200)
    seen = Counter(one.question for one in found)
    said = {one.question: one.selection for one in found}
    assert len(said) == 24  # audits reach them all
    assert sum(said.values()) == pytest.approx(1)
    for question, chance in said.items():
        error = (chance * (1 - chance) / 1200) ** 0.5
        assert seen[question] / 1200 == pytest.approx(chance, abs=4.5 * error)


def test_their_inverses_count_the_questions_of_a_window_of_which_a_part_is_looked_at(
    sqlite_store: Store,
) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 300, chance=0.6, targets=("Halvorsen",))
        add_stories(tx, 100, first=301, chance=0.9)
    with sqlite_store.read() as tx:
        found = drawn(a_desk(tx), 150)
    estimates = [1 / one.selection for one in found]
    mean = sum(estimates) / len(estimates)
    spread = (sum((each - mean) ** 2 for each in estimates) / len(estimates) ** 2) ** 0.5
    assert mean == pytest.approx(3 * 300 + 2 * 100, abs=4 * spread)
    assert spread < 100


def test_audits_are_uniform_over_the_questions(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        add_stories(tx, 5, chance=0.4)
        add_stories(tx, 15, first=6, chance=0.999)
    with sqlite_store.read() as tx:
        desk = desk_of(tx, settings(gold=0, audit=1).review, "anna", NOW, random.Random(2))
        seen = Counter(one.question for one in drawn(desk, 400))
    assert len(seen) == 40
    unsure = sum(seen[one] for one in seen if max(one.probabilities) < 0.5)
    assert unsure == pytest.approx(100, abs=4 * (400 * 0.25 * 0.75) ** 0.5)
