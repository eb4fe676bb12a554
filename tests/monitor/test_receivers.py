"""What the configuration says of receivers: what each is told of."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from alerts.routing import Wish
from monitor.config import Settings
from monitor.receivers import wish


def _settings(**receiver: Any) -> Settings:
    hook = {"kind": "webhook", "name": "desk", "url": "https://hooks.example.com/1"}
    return Settings.model_validate(
        {"watch": [{"name": "Halvorsen Marine"}], "receivers": [hook | receiver]}
    )


def test_a_receiver_is_told_of_everything_unless_something_is_named() -> None:
    assert wish(_settings().receivers[0]) == Wish()


def test_topics_names_kinds_and_the_whole_can_be_named() -> None:
    given = _settings(
        topics=["Energy | Oil", "all news"], names=["Halvorsen Marine"], kinds=["negative_share"]
    )
    assert wish(given.receivers[0]) == Wish(
        topics=frozenset({"Energy | Oil"}),
        names=frozenset({"Halvorsen Marine"}),
        whole=True,
        kinds=frozenset({"negative_share"}),
    )


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"topics": ["Energy"]}, "receiver desk: topics: Energy is not watched"),
        (
            {"names": ["Halvorsen"]},
            "receiver desk: names: Halvorsen is not watched; did you mean Halvorsen Marine?",
        ),
        ({"kinds": ["surge"]}, "kinds"),
    ],
)
def test_what_is_not_watched_cannot_be_asked_for(asked: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _settings(**asked)
    assert fault in str(caught.value)
