"""Which tier gave the labels: on the wall, on an alert's page, in `status`, and at the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry
from web_rows import HOUR, NAME, NOW, add_story, an_alert, client

from alerts.types import Stream
from monitor.cli.state import lines, read_state
from monitor.config import Settings
from monitor.daemon import load_policy, serving_policy
from monitor.metrics import Metrics
from monitor.store import alerts, detection, learning, views
from monitor.store.engine import Store, open_store
from monitor.store.tables import label
from policy.errors import CheckpointError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    with opened.write() as tx:
        for hours in (3, 2, 1):
            add_story(tx, f"Mill {hours} burns", NOW - hours * HOUR, targets=[(NAME, "negative")])
    yield opened
    opened.close()


def use_fallback(store: Store, hours: float) -> None:
    """The labels of the last hours came from the fallback."""
    with store.write() as tx:
        recent = label.c.labelled_at >= NOW - hours * HOUR
        tx.execute(label.update().where(recent).values(tier="fallback"))


def test_labels_are_counted_by_the_tier_that_gave_them(store: Store) -> None:
    use_fallback(store, 1.5)
    with store.read() as tx:
        assert views.tiers(tx, NOW - 24 * HOUR) == {"cpu": 4, "fallback": 2}
        assert views.tiers(tx, NOW) == {}


def test_the_wall_is_loud_while_the_fallback_labels_and_quiet_without(store: Store) -> None:
    assert "fallback" not in client(store).get("/").text
    use_fallback(store, 1.5)
    assert "<b>Labels come from the fallback policy</b>" in client(store).get("/").text


def test_the_wall_remembers_for_a_day_that_the_fallback_has_labelled(store: Store) -> None:
    use_fallback(store, 24)
    with store.write() as tx:
        tx.execute(label.update().where(label.c.labelled_at >= NOW - 1.5 * HOUR).values(tier="gpu"))
    shown = client(store).get("/").text
    assert "4 of 6 labels of the last 24 h came from the fallback policy" in shown


def test_an_alerts_page_carries_its_caution(store: Store) -> None:
    doubtful = replace(an_alert("alert1", Stream(target=NAME)), fallback_stories=3)
    with store.write() as tx:
        alerts.open_new(tx, doubtful, [])
    for page in ("/", "/alerts/alert1"):
        assert "3 of 16 labels came from the fallback policy" in client(store).get(page).text


def test_an_alert_of_before_the_count_is_read_without_it(store: Store) -> None:
    with store.write() as tx:
        alerts.open_new(tx, an_alert("old", Stream(target=NAME)), [])
        tx.execute(sa.text("update alert set body = json_remove(body, '$.fallback_stories')"))
    with store.read() as tx:
        found = alerts.get(tx, "old")
    assert found is not None
    assert found.fallback_stories == 0


def test_status_names_the_tier_and_shouts_about_the_fallback(store: Store) -> None:
    state = read_state(store, NOW)
    assert (state["tier"], state["labels_by_tier"]) == ("cpu", {"cpu": 6})
    assert "FALLBACK" not in "\n".join(lines(state))
    use_fallback(store, 1.5)
    said = "\n".join(lines(read_state(store, NOW)))
    assert "FALLBACK: the checkpoint cannot be served" in said
    assert "2 of 6 labels of the last day" in said


def test_status_names_what_went_live_though_another_policy_labelled_last(store: Store) -> None:
    def policy() -> str:
        return next(line for line in lines(read_state(store, NOW)) if line.startswith("policy"))

    assert policy() == "policy     0a1b2c3d4e5f on cpu"
    with store.write() as tx:
        learning.promote(tx, "f5e4d3c2b1a0", "0a1b2c3d4e5f", "knows ferries", "gate", NOW)
    assert policy() == "policy     f5e4d3c2b1a0, the newest label is by 0a1b2c3d4e5f on cpu"
    with store.write() as tx:
        tx.execute(label.update().values(checkpoint="f5e4d3c2b1a0"))
    assert policy() == "policy     f5e4d3c2b1a0 on cpu"


def test_the_detector_is_told_which_stories_the_fallback_labelled(store: Store) -> None:
    use_fallback(store, 1.5)
    with store.read() as tx:
        told = detection.SqlLedger(tx).stories(Stream(), NOW - 5 * HOUR, NOW)
    assert [story.fallback for story in told] == [False, False, True]


def test_a_daemon_with_a_broken_checkpoint_starts_on_the_fallback_and_a_command_does_not(
    store: Store, tmp_path: Path
) -> None:
    settings = Settings.model_validate({"policy": {"checkpoint": str(tmp_path / "nothing")}})
    with pytest.raises(CheckpointError, match=r"manifest\.json: missing"):
        load_policy(settings, store)
    policy = serving_policy(store, settings, lambda: NOW, Metrics(CollectorRegistry()))
    assert policy.tier == "fallback"
    assert len(policy.label(["Mill burns"])) == 1
