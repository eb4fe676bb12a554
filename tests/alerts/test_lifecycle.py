"""Why an alert is held back, what belongs to one crisis, and who speaks for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts import lifecycle
from alerts.ledger import LabelledStory
from alerts.lifecycle import Fresh, Rise
from alerts.types import Copy, Stream

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WHOLE, OIL, LEGAL, ACME = Stream(), Stream("Energy | Oil"), Stream("Legal"), Stream("", "Acme")


def story(
    number: int, negative: bool = True, origins: tuple[str, ...] = ("wire",)
) -> LabelledStory:
    at = NOON + number * timedelta(minutes=1)
    copies = tuple(Copy(origin, "", at) for origin in origins)
    return LabelledStory(number, "", "", f"Story {number}", at, negative, 0.9, copies)


def rise(
    stream: Stream,
    negatives: range,
    evidence: float = 9.0,
    others: range = range(0),
    since: int = 0,
) -> Rise:
    stories = (*(story(i) for i in negatives), *(story(i, negative=False) for i in others))
    return Rise(stream, NOON + since * timedelta(minutes=1), evidence, 0.25, stories)


def held(gain: float, stories: list[LabelledStory], origins_seen: int = 5) -> str | None:
    return lifecycle.why_hold(Fresh(gain, stories, origins_seen), min_stories=3, min_origins=2)


def test_an_alert_needs_a_newest_bin_that_adds_evidence() -> None:
    enough = [story(1, origins=("a",)), story(2, origins=("b",)), story(3)]
    assert held(0.2, enough) is None
    assert held(0.0, enough) == "the newest bin adds no evidence"


def test_an_alert_needs_three_negative_stories_not_three_copies_of_one() -> None:
    one = story(1, origins=("a", "b", "c", "d"))
    calm = [story(i, negative=False) for i in range(5, 9)]
    assert held(1.0, [one, *calm]) == "1 negative stories lately, 3 needed"


def test_an_alert_needs_two_origins_unless_the_stream_only_ever_had_one() -> None:
    same = [story(i) for i in range(4)]
    assert held(1.0, same) == "1 origins lately, 2 needed"
    assert held(1.0, same, origins_seen=1) is None


def test_copies_elsewhere_count_as_origins() -> None:
    assert held(1.0, [story(1, origins=("wire", "paper")), story(2), story(3)]) is None


def test_an_alert_is_critical_four_nats_above_its_threshold() -> None:
    assert lifecycle.severity(12.4, 8.5) == "warning"
    assert lifecycle.severity(12.5, 8.5) == "critical"


def test_two_daemons_give_one_alert_the_same_id() -> None:
    first = lifecycle.alert_id("negative_share", OIL, NOON)
    assert first == lifecycle.alert_id("negative_share", Stream("Energy | Oil", ""), NOON)
    assert len(first) == 12
    others = {
        lifecycle.alert_id("negative_volume", OIL, NOON),
        lifecycle.alert_id("negative_share", Stream("", "Energy | Oil"), NOON),
        lifecycle.alert_id("negative_share", OIL, NOON + HOUR),
    }
    assert len(others | {first}) == 4


def test_rises_that_share_most_of_the_smaller_are_one_crisis() -> None:
    assert lifecycle.together(rise(OIL, range(10)), rise(ACME, range(3, 30)), 0.7)
    assert not lifecycle.together(rise(OIL, range(10)), rise(ACME, range(4, 30)), 0.7)


def test_what_came_before_the_later_onset_does_not_keep_rises_apart() -> None:
    early = rise(OIL, range(20))
    late = rise(ACME, range(15, 30), since=15)
    assert lifecycle.together(early, late, 0.7)


def test_topics_without_a_common_story_are_tied_by_the_company_between_them() -> None:
    oil, legal, acme = rise(OIL, range(10)), rise(LEGAL, range(10, 20)), rise(ACME, range(20))
    assert lifecycle.crisis(OIL, {OIL: oil, LEGAL: legal}, 0.7) == {OIL}
    tied = lifecycle.crisis(OIL, {OIL: oil, LEGAL: legal, ACME: acme}, 0.7)
    assert tied == {OIL, LEGAL, ACME}


def test_the_strongest_stream_speaks_and_the_more_specific_in_a_tie() -> None:
    rises = {OIL: rise(OIL, range(9), 9.5), ACME: rise(ACME, range(9), 9.1)}
    assert lifecycle.headline([OIL, ACME], rises, rises, 0.7) == OIL
    rises = {WHOLE: rise(WHOLE, range(40), 9.5), OIL: rise(OIL, range(3), 9.5)}
    assert lifecycle.headline([WHOLE, OIL], rises, rises, 0.7) == OIL


def test_a_topic_that_holds_most_of_the_excess_speaks_for_the_whole() -> None:
    whole = rise(WHOLE, range(20), 11.0, others=range(20, 40))
    oil = rise(OIL, range(16), 6.0)
    rises = {WHOLE: whole, OIL: oil}
    assert lifecycle.headline([WHOLE], rises, rises, 0.7) == OIL
    rises = {WHOLE: whole, OIL: rise(OIL, range(8), 6.0)}
    assert lifecycle.headline([WHOLE], rises, rises, 0.7) == WHOLE
