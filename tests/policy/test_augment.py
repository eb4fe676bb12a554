from __future__ import annotations

from policy.augment import augment, named_topics, whole_headlines
from policy.data import Example


def test_a_headline_whose_targets_agree_is_also_read_without_one() -> None:
    rows = [
        Example("Banks and oil rally", "Banks", sentiment="positive"),
        Example("Banks and oil rally", "oil", sentiment="positive"),
        Example("Samsung gains as Apple slips", "Samsung", sentiment="positive"),
        Example("Samsung gains as Apple slips", "Apple", sentiment="negative"),
    ]
    assert whole_headlines(rows) == [Example("Banks and oil rally", sentiment="positive")]


def test_a_topic_row_gains_a_name_of_its_own_as_target() -> None:
    rows = [Example(f"shares of Brightwater Mining fall {i}", topic="IPO") for i in range(200)]
    named = named_topics(rows, seed=0)
    assert 20 < len(named) < 80
    assert {(each.target, each.topic) for each in named} == {("Brightwater Mining", "IPO")}


def test_augmenting_keeps_every_row_and_follows_the_seed() -> None:
    rows = [Example(f"Tellumar wins order {i}", topic="IPO") for i in range(50)]
    assert augment(rows, 3)[: len(rows)] == rows
    assert augment(rows, 3) == augment(rows, 3)
