"""An alert that rests on labels of the fallback policy says so, wherever it is read."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from halvorsen import PUBLIC_URL

from alerts.render import render
from alerts.types import Alert

SAID = "5 of 16 labels came from the fallback policy"


@pytest.fixture
def doubtful(alert: Alert) -> Alert:
    return replace(alert, fallback_stories=5)


def test_mail_says_it_before_any_other_fact(doubtful: Alert) -> None:
    message = render(doubtful, "firing", (), PUBLIC_URL)
    for body in (message.text, message.html):
        assert SAID in body
        assert body.index(SAID) < body.index("Where")


def test_the_webhook_carries_the_count_and_the_words(doubtful: Alert) -> None:
    data = render(doubtful, "firing", (), PUBLIC_URL).payload["data"]
    assert isinstance(data, dict)
    assert data["fallback_stories"] == 5
    assert str(data["caveat"]).startswith(SAID)


def test_the_end_of_a_crisis_says_it_too(doubtful: Alert) -> None:
    over = replace(doubtful, resolved_at=doubtful.raised_at, status="resolved")
    message = render(over, "resolved", (), PUBLIC_URL)
    facts = message.text[message.text.index("Caution") :]
    assert facts.index("Where") < facts.index("Since") < facts.index("Until")


def test_an_alert_on_the_checkpoints_own_labels_says_nothing(alert: Alert) -> None:
    message = render(alert, "firing", (), PUBLIC_URL)
    assert "fallback policy" not in message.text + message.html
    assert json.loads(json.dumps(message.payload))["data"]["caveat"] == ""
