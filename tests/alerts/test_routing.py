"""Which receiver is told of which crisis."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.routing import Wish
from alerts.types import Alert, Stream

OIL, LAW, HALVORSEN = "Energy | Oil", "Legal | Regulation", "Halvorsen Marine"


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (Wish(), True),
        (Wish(names=frozenset({HALVORSEN})), True),
        (Wish(topics=frozenset({LAW})), True),  # the child's
        (Wish(topics=frozenset({OIL})), False),
        (Wish(topics=frozenset({OIL}), names=frozenset({HALVORSEN})), True),
        (Wish(whole=True), False),
        (Wish(kinds=frozenset({"coverage_hole"})), False),
        (Wish(kinds=frozenset({"negative_share", "negative_volume"})), True),
        (Wish(topics=frozenset({LAW}), kinds=frozenset({"negative_volume"})), False),
    ],
)
def test_a_receiver_is_told_of_a_crisis_when_one_of_its_streams_was_asked_for(
    alert: Alert, child: Alert, wish: Wish, told: bool
) -> None:
    assert wish.wants([alert, child]) is told


def test_kind_and_stream_must_be_those_of_one_alert(alert: Alert, child: Alert) -> None:
    surge = replace(child, stream=Stream(topic=OIL), kind="negative_volume")
    law = Wish(topics=frozenset({OIL}), kinds=frozenset({"negative_share"}))
    assert not law.wants([alert, surge])


def test_the_whole_is_told_to_whom_it_was_named_and_to_whom_nothing_was(alert: Alert) -> None:
    whole = replace(alert, stream=Stream())
    assert Wish().wants([whole])
    assert Wish(whole=True).wants([whole])
    assert not Wish(topics=frozenset({OIL})).wants([whole])
