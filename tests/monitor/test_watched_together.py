"""A topic of a watched name, watched by itself: declared, counted, promised for, in the crisis."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from test_replay import LEGAL, OIL, PLAN, WordList, month

from alerts.lifecycle import Rise, headline
from alerts.types import Stream
from alerts.watch import counted_in, declared
from monitor.config import Settings
from monitor.replay import replay
from monitor.watching import config_of, streams_of

ACME = "Acme Lines"
NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)


def _settings(**detect: Any) -> Settings:
    watch = [{"name": ACME, "topics": [LEGAL, OIL]}, {"name": "Borealis"}]
    return Settings.model_validate({"watch": watch, "detect": {"topics": [OIL], **detect}})


def test_what_was_asked_for_is_watched_after_all_topics_and_names() -> None:
    assert streams_of(_settings()) == (
        Stream(), Stream(OIL), Stream(target=ACME), Stream(target="Borealis"),
        Stream(LEGAL, ACME), Stream(OIL, ACME),
    )  # fmt: skip


def test_what_is_said_of_a_name_counts_there_and_under_its_topic() -> None:
    assert counted_in(LEGAL, ACME) == (Stream(target=ACME), Stream(LEGAL, ACME))
    assert counted_in(LEGAL, "") == (Stream(), Stream(LEGAL))


def test_it_may_have_a_weight_of_its_own() -> None:
    weights = config_of(_settings(weights={f"{LEGAL} × {ACME}": 3.0})).weights
    assert weights == {Stream(LEGAL, ACME): 3.0}


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"watch": [{"name": ACME, "topics": ["Legal"]}]}, "Legal is not a topic"),
        (
            {"watch": [{"name": ACME, "topics": [LEGAL]}], "detect": {"weights": {"Oil × X": 2}}},
            "detect.weights: Oil × X is not watched",
        ),
    ],
)
def test_a_topic_that_there_is_not_is_refused(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(given)
    assert fault in str(caught.value)


def test_it_is_promised_for_like_any_stream_and_stands_inside_the_crisis_of_its_name() -> None:
    document = replay(month(), WordList(), replace(PLAN, pairs=((LEGAL, ACME), (OIL, ACME))))
    assert document["streams"] == 22 + 2
    (alert,) = document["alerts"]
    family = {(one["topic"], one["target"]) for one in (alert, *alert["children"])}
    assert {("", ACME), (LEGAL, ACME), (LEGAL, "")} <= family
    assert (OIL, ACME) not in family, "nothing was said of it there"


def test_of_rises_as_strong_the_more_specific_speaks() -> None:
    both = (Stream(target=ACME), Stream(LEGAL, ACME))
    rises = {one: Rise(one, NOON - timedelta(hours=1), 9.0, 0.2, (), 7.0) for one in both}
    assert headline(both, both, rises, 0.5) == Stream(LEGAL, ACME)


def test_nothing_is_watched_together_unless_it_is_asked_for() -> None:
    assert all(not (one.topic and one.target) for one in declared([OIL], [ACME]))
