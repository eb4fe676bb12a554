"""What a candidate would have changed: the last 14 days through the detector by its labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from past_rows import BEGIN, HOUR, NAME, Past, write

from alerts.types import Stream
from alerts.wording import place
from monitor.config import Settings
from monitor.learning.effect import effect
from monitor.learning.rescored import change
from monitor.store import shadows
from monitor.store.engine import Store, open_store
from monitor.store.shadows import Shadow
from policy.types import TOPICS

DAYS = 60
NOW = BEGIN + 24 * DAYS * HOUR
SETTINGS = Settings.model_validate({"detect": {"topics": [TOPICS[0]]}, "watch": [{"name": NAME}]})


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Sixty days, a crisis of NAME in the last fortnight."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('past') / 'store.db'}")
    with store.write() as tx:
        write(tx, Past(DAYS, 3, 52, (TOPICS[0],)))
        calm = shadows.owed(tx, "calm", NOW - 14 * 24 * HOUR, 10_000)
        shadows.add(tx, [_said("calm", row, negative=False) for row in calm])
    yield store
    store.close()


def _said(checkpoint: str, row: shadows.Owed, negative: bool) -> Shadow:
    return Shadow(checkpoint, row.article_id, row.target, TOPICS[0], "neutral", negative, False)


def test_a_candidate_that_sees_nothing_bad_would_have_taken_the_alert_away(past: Store) -> None:
    found = effect(past, SETTINGS, "ck", "calm", NOW)
    assert found["stories"] > 900
    assert 0.1 < found["differ"] < 0.3, "those that were bad"
    alerts = found["alerts"]
    assert alerts["before"] == len(alerts["gone"]) > 0
    assert any(place(Stream(target=NAME)) in line for line in alerts["gone"])
    assert alerts["after"] == 0
    assert alerts["new"] == []
    of_name = found["streams"][place(Stream(target=NAME))]
    assert (of_name["before"], of_name["after"], of_name["changed"]) == (1.0, 0.0, 1.0)


def test_a_candidate_that_nobody_asked_yet_changes_nothing_and_says_how_little_is_known(
    past: Store, tmp_path: Path
) -> None:
    assert effect(past, SETTINGS, "ck", "unasked", NOW) == {
        "days": 14,
        "stories": 0,
        "streams": {},
    }


def test_detectors_are_told_how_the_same_stories_count_under_the_new_labels(past: Store) -> None:
    with past.read() as tx:
        told = change(tx, "ck", "calm", NOW).negatives
    everything, name = told[Stream()], told[Stream(target=NAME)]
    assert everything.before > 0
    assert (everything.after, everything.both) == (0, 0)
    assert (name.stories, name.before) == (24, 24)
