"""Each kind of alert speaks of itself, and of the budget it spends from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from halvorsen import PUBLIC_URL

from alerts.render import render
from alerts.types import Alert, Kind, Stream


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (
            "negative_volume",
            "Volume surge, unusually many negative stories about Halvorsen Marine: 14 of 16",
        ),
        ("coverage_hole", "Unusually few stories about Halvorsen Marine: 16 stories"),
    ],
)
def test_other_kinds_speak_of_themselves_and_draw_no_share(
    alert: Alert, kind: Kind, words: str
) -> None:
    message = render(replace(alert, kind=kind), "firing", [], PUBLIC_URL)
    assert message.text.startswith(words)
    assert "88 %" not in message.text


def test_a_surge_says_what_would_be_usual_and_that_the_share_may_be_as_ever(alert: Alert) -> None:
    surge = replace(alert, kind="negative_volume", expected=3.6, baseline=0.85)
    said = render(surge, "firing", [], PUBLIC_URL).text
    assert "are negative; 4 would be usual. Their share is 88%, against 85% usually." in said


def test_a_coverage_hole_names_its_feeds(alert: Alert) -> None:
    named = ("Tidewater", "Granary", "Coastal", "The \u202eBlock")
    hole = replace(
        alert, kind="coverage_hole", stream=Stream(), expected=41.2, feeds=named, stories=()
    )
    message = render(hole, "firing", [], PUBLIC_URL)
    assert message.subject.endswith(
        "few stories from Tidewater, Granary, Coastal and 1 more feed: 16 stories"
    )
    assert (
        "41 would be usual. Feeds may be down: Tidewater, Granary, Coastal, The Block."
        in message.text
    )
    assert "Feeds       Tidewater, Granary" in message.text
    data: Any = message.payload["data"]
    assert data["feeds"] == ["Tidewater", "Granary", "Coastal", "The Block"]
    assert data["expected"] == 41.2


def test_good_news_speaks_of_itself(alert: Alert) -> None:
    message = render(replace(alert, kind="positive_share"), "firing", [], PUBLIC_URL)
    assert message.text.startswith("Positive news about Halvorsen Marine: 14 of 16 stories")
    assert "are positive; 4 in 16 would be usual" in message.text
    assert "Positive      88 %" in message.text
    data: Any = message.payload["data"]
    assert (data["positives"], data["negatives"]) == (14, None)


def test_an_alert_says_what_part_of_the_budget_it_spends(alert: Alert) -> None:
    message = render(alert, "firing", [], PUBLIC_URL)
    said = (
        "this stream may raise a false alarm once in 2 years; all that you watch, 220 streams: "
        "at most 2 false alarms a week. This alert spends from the budget for negative news, of "
        "which 0.5% is this one's"
    )
    assert said in message.text
    data: Any = message.payload["data"]
    assert data["budget"]["part"] == pytest.approx(1 / 220)
    assert data["budget"]["sentence"] == said
