"""A crisis that grows after it was told is told of again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from halvorsen import PUBLIC_URL, RAISED

from alerts.dispatch import APART, outbox
from alerts.email import EmailSettings, compose
from alerts.ledger import LabelledStory
from alerts.outcome import Outcome
from alerts.render import Message, render
from alerts.spreading import as_grown, has_grown, has_spread
from alerts.types import Alert, Announcement, Stream

HOUR = timedelta(hours=1)


@pytest.fixture
def surge(child: Alert) -> Alert:
    """Joins the alert three hours after it was raised, with a story of its own."""
    story = replace(child.stories[0], id=77, title="Lenders walk out on Halvorsen Marine")
    return replace(
        child,
        id="alert-surge",
        stream=Stream(),
        kind="negative_volume",
        severity="warning",
        raised_at=RAISED + 3 * HOUR,
        stories_since_onset=40,
        negatives_since_onset=31,
        expected=2.0,
        stories=(story, child.stories[1]),
    )


@pytest.fixture
def told(alert: Alert, child: Alert, surge: Alert) -> Message:
    return render(alert, "spread", [child, surge], PUBLIC_URL)


def test_the_message_says_what_was_told_when_and_what_has_joined_since(told: Message) -> None:
    sentence = (
        "Negative news about Halvorsen Marine, told 4 Mar 11:00 UTC, is spreading. Since then "
        "also: volume surge, unusually many negative stories in all news (31 of 40 stories)."
    )
    assert told.text.splitlines()[0] == told.chat.splitlines()[0] == sentence
    assert told.subject == "[critical] Spreading: Negative news about Halvorsen Marine"
    assert (told.payload["type"], told.payload["timestamp"]) == (
        "alert.spread",
        "2026-03-04T14:00:00Z",
    )


def test_it_shows_the_stories_of_what_has_joined_and_not_again_those_that_were_told(
    told: Message, alert: Alert
) -> None:
    assert "Lenders walk out on Halvorsen Marine" in told.text
    assert alert.stories[0].title not in told.text


def test_stories_come_from_the_latest_first_and_each_once(alert: Alert, surge: Alert) -> None:
    story = surge.stories[0]
    later = replace(
        surge,
        id="alert-later",
        raised_at=RAISED + 5 * HOUR,
        stories=(replace(story, id=78, title="Halvorsen Marine misses a payment"), story),
    )
    data = render(alert, "spread", [surge, later], PUBLIC_URL).payload["data"]
    assert isinstance(data, dict)
    titles = [head["title"] for head in data["headlines"]]
    assert titles == [
        "Halvorsen Marine misses a payment",
        "Lenders walk out on Halvorsen Marine",
        alert.stories[1].title,
    ]


def test_more_than_three_that_joined_are_counted(alert: Alert, surge: Alert) -> None:
    many = [replace(surge, id=f"s{n}") for n in range(5)]
    words = render(alert, "spread", many, PUBLIC_URL).text.splitlines()[0]
    assert words.count("volume surge") == 3
    assert words.endswith("; 2 more streams.")


def test_a_crisis_is_as_severe_as_the_severest_that_joined(alert: Alert, surge: Alert) -> None:
    mild, grave = replace(alert, severity="warning"), replace(surge, severity="critical")
    subjects = [render(mild, "spread", [one], PUBLIC_URL).subject for one in (surge, grave)]
    assert [subject.split()[0] for subject in subjects] == ["[warning]", "[critical]"]


def test_only_what_joins_an_alert_of_before_is_a_spread(alert: Alert, child: Alert) -> None:
    assert Outcome(raised=(alert, child)).joined == ()
    assert Outcome(raised=(child,)).joined == (child,)


def test_what_joins_within_a_bin_was_part_of_what_has_just_been_told(
    alert: Alert, surge: Alert
) -> None:
    assert has_spread(alert, surge, HOUR)
    assert not has_spread(alert, replace(surge, raised_at=RAISED + HOUR / 2), HOUR)


def test_that_it_has_spread_or_grown_is_told_once_in_six_hours_at_most(alert: Alert) -> None:
    def told_at(hours: float, announcement: Announcement = "spread") -> str:
        return outbox(alert, announcement, ["desk"], RAISED + hours * HOUR)[0].id

    assert APART == 6 * HOUR
    assert told_at(1) == told_at(5.9) == told_at(2, "grown")
    assert len({told_at(1), told_at(6.5), told_at(13)}) == 3
    assert told_at(1) != told_at(1, "firing")


@pytest.mark.parametrize(
    ("told", "by_now", "grown"),
    [
        ((14, 16), (24, 26), False),  # 10 above what is usual; 17.5
        ((14, 16), (30, 40), True),  # 20
        ((14, 16), (30, 120), False),  # so many more stories that none is above
        ((2, 3), (4, 5), False),  # two stories more are few
        ((1, 4), (4, 5), True),  # nothing above counts as one
    ],
)
def test_an_alert_has_grown_when_the_excess_has_doubled(
    told: tuple[int, int], by_now: tuple[int, int], grown: bool
) -> None:
    assert has_grown(0.25, told, by_now, min_stories=3) is grown


def test_a_message_on_growth_holds_then_against_now(alert: Alert, child: Alert) -> None:
    story = LabelledStory(
        9, "", "", "Halvorsen Marine loses its licence", RAISED + HOUR, True, 0.9, ()
    )
    calm = replace(story, id=10, title="Halvorsen Marine sails on", negative=False)
    by_now = as_grown(alert, (30, 40), [story, calm], HOUR)
    message = render(alert, "grown", [child], PUBLIC_URL, by_now=by_now)
    sentence = (
        "Negative news about Halvorsen Marine, told 4 Mar 11:00 UTC with 14 of 16 stories, has "
        "grown: 30 of 40 stories since 09:00 UTC are negative by now; 10 in 40 would be usual."
    )
    assert message.text.splitlines()[0] == message.chat.splitlines()[0] == sentence
    subject = "[critical] Growing: Negative news about Halvorsen Marine: 30 of 40 stories"
    assert message.subject == subject
    assert "loses its licence" in message.text
    assert "sails on" not in message.text
    assert message.payload["type"] == "alert.grown"


def test_its_mail_answers_the_first_one(alert: Alert, told: Message) -> None:
    settings = EmailSettings("mail.example.com", "a@example.com", ("b@example.com",))
    first, second = (
        compose(told, outbox(alert, kind, ["desk"], RAISED)[0], RAISED, settings)
        for kind in ("firing", "spread")
    )
    assert second["In-Reply-To"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]
