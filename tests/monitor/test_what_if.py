"""Another configuration tried on the store's past: what would have fired, and what nobody knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from past_rows import NAME, Past, write

from alerts.watch import declared
from alerts.wording import rfc3339
from monitor.cli.what_if import answer
from monitor.config import DetectSection, Settings, StoreSection, WatchEntry
from monitor.errors import DataError
from monitor.replay_judge import Span, judge
from monitor.store import history
from monitor.store.engine import Store, open_store
from monitor.store.tables import article
from monitor.watching import config_of
from monitor.what_if import ledger_of, what_if

OIL = "Energy | Oil"
DAYS = 30
PRESENT = Settings(
    detect=DetectSection(
        alarms_per_week=0.02, volume_alarms_per_week=0, topics=(OIL,), min_origins=1
    ),
    watch=(WatchEntry(name=NAME),),
)


def with_detect(**detect: Any) -> Settings:
    return PRESENT.model_copy(update={"detect": PRESENT.detect.model_copy(update=detect)})


def watching(*names: str) -> Settings:
    return PRESENT.model_copy(update={"watch": tuple(WatchEntry(name=name) for name in names)})


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Three stories an hour for a month, and a bad day on the 26th."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('past') / 'store.db'}")
    with store.write() as tx:
        write(tx, Past(DAYS, 3, 25, (OIL,)))
    yield store
    store.close()


@pytest.fixture(scope="module")
def unchanged(past: Store) -> dict[str, Any]:
    return what_if(past, PRESENT, PRESENT)


def test_the_present_configuration_beside_itself_changes_nothing(unchanged: dict[str, Any]) -> None:
    assert unchanged["changes"] == []
    assert unchanged["changed"]["fired"] == unchanged["present"]["fired"] == 1
    (alert,) = unchanged["changed"]["alerts"]
    assert alert["at_present"]
    assert alert["at"].startswith("2031-03-26T")
    assert alert["headlines"][0].startswith(NAME)


def test_history_that_is_short_is_taken_as_far_as_it_goes(unchanged: dict[str, Any]) -> None:
    assert unchanged["days"] == pytest.approx(DAYS, abs=0.1)
    assert unchanged["run_in_days"] == 0
    assert unchanged["stories"] == 24 * DAYS * 3
    assert unchanged["labels"] == 24 * DAYS * 3 + 8 * 3


def test_a_crisis_before_the_last_90_days_is_learned_from_and_not_told(
    sqlite_store: Store,
) -> None:
    with sqlite_store.write() as tx:
        write(tx, Past(days=150, per_hour=2, crisis_day=40, topics=(OIL,)))
    daily = with_detect(bin_minutes=1440, alarms_per_week=0.5)
    document = what_if(sqlite_store, daily, daily)
    assert (document["days"], document["run_in_days"]) == (90, 45)
    assert all(alert["at"] > document["since"] for alert in document["changed"]["alerts"])
    with sqlite_store.read() as tx:
        first = history.newest(tx)
        assert first is not None
        rows = history.since(tx, first - timedelta(days=135))
    ledger = ledger_of(rows)
    span = Span(rows[0].at, rows[-1].at, "ck", {})
    found = judge(ledger, declared((OIL,), (NAME,)), config_of(daily), span)
    assert any(rfc3339(alert.raised_at) < document["since"] for alert in found.alerts)


def test_minimums_that_nothing_meets_silence_the_alert_and_it_is_said(past: Store) -> None:
    document = what_if(past, PRESENT, with_detect(min_stories=500))
    assert document["changes"] == ["detect.min_stories: 3 → 500"]
    assert document["changed"]["fired"] == 0
    (gone,) = document["present"]["alerts"]
    assert not gone["kept"]


def test_a_larger_budget_fires_more_often_and_marks_what_is_new(past: Store) -> None:
    document = what_if(past, PRESENT, with_detect(alarms_per_week=40.0))
    fired = document["changed"]["alerts"]
    assert len(fired) == document["changed"]["fired"] > 1
    assert any(alert["at_present"] for alert in fired)
    assert any(not alert["at_present"] for alert in fired)


def test_surges_of_volume_count_under_a_budget_of_their_own(past: Store) -> None:
    document = what_if(past, PRESENT, with_detect(volume_alarms_per_week=0.02))
    kinds = {alert["kind"] for alert in document["changed"]["alerts"]}
    children = [child["kind"] for a in document["changed"]["alerts"] for child in a["children"]]
    assert "negative_volume" in {*kinds, *children}
    assert "negative_volume" not in json.dumps(document["present"]["alerts"])


def test_what_cannot_be_tried_on_the_past_is_said(past: Store) -> None:
    document = what_if(past, PRESENT, with_detect(coverage_alarms_per_week=3.0))
    (change,) = document["changes"]
    assert change.endswith("0.1 → 3.0, which cannot be tried on the past")
    assert document["changed"]["fired"] == 1


def test_a_name_that_was_never_a_target_is_said_to_be_unknowable(past: Store) -> None:
    document = what_if(past, PRESENT, watching(NAME, "Halvorsen Marine"))
    assert document["unknowable"] == ["Halvorsen Marine"]
    assert document["changes"] == ["watched name added: Halvorsen Marine"]
    assert (document["changed"]["streams"], document["present"]["streams"]) == (4, 3)


def test_a_name_that_leaves_the_watch_list_alarms_no_more(past: Store) -> None:
    document = what_if(past, PRESENT, watching())
    about = f'"target": "{NAME}"'
    assert about in json.dumps(document["present"]["alerts"])
    assert about not in json.dumps(document["changed"]["alerts"])


def test_nothing_is_written(past: Store) -> None:
    before = contents(past)
    what_if(past, PRESENT, with_detect(alarms_per_week=40.0))
    assert contents(past) == before


def contents(store: Store) -> str:
    with store.read() as tx:
        return "\n".join(tx.connection.driver_connection.iterdump())  # type: ignore[union-attr]


def test_an_empty_store_is_one_clear_line(sqlite_store: Store) -> None:
    with pytest.raises(DataError, match="no labelled stories yet"):
        what_if(sqlite_store, PRESENT, PRESENT)


def test_the_bars_reach_their_ends(past: Store) -> None:
    seen: dict[str, tuple[int, int]] = {}

    def show(what: str, done: int, total: int) -> None:
        seen[what] = (done, total)

    what_if(past, PRESENT, PRESENT, show)
    assert set(seen) == {"at present", "changed"}
    assert all(done == total for done, total in seen.values())


def asked(
    past: Store, folder: Path, capsys: pytest.CaptureFixture[str], toml: str, json_output: bool
) -> str:
    """What `downdraft check --what-if` prints for a changed configuration."""
    (folder / "changed.toml").write_text(toml)
    url = past.engine.url.render_as_string(hide_password=False)
    present = PRESENT.model_copy(update={"store": StoreSection(url=url)})
    answer(present, folder / "changed.toml", json_output)
    return capsys.readouterr().out


def test_people_read_how_often_it_would_have_fired_and_what_cannot_be_known(
    past: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    minimum = "[detect]\nvolume_alarms_per_week = 0\nmin_stories = 500\ntopics = ['Energy | Oil']\n"
    toml = minimum + "[[watch]]\nname = 'Halvorsen'\n"
    told = asked(past, tmp_path, capsys, toml, json_output=False)
    assert "would have fired 0 times in the last 30 days (1 at present)" in told
    assert "no longer: 1 alert" in told
    assert f"      {NAME} board meets" in told
    assert "watched name dropped: Orsk Steel" in told
    assert "cannot be known: Halvorsen was never labelled as a target" in told
    assert "0 days to learn" in told


def test_a_table_of_owners_can_be_tried_on_the_past(sqlite_store: Store) -> None:
    """Three outlets, of which the third falls silent two days before the crisis."""
    third = sa.and_(article.c.id % 3 == 2, article.c.id < 24 * 3 * (25 - 2))
    outlet = sa.case((third, "cedar"), (article.c.id % 2 == 0, "birch"), else_="alder")
    with sqlite_store.write() as tx:
        write(tx, Past(DAYS, 3, 25, (OIL,)))
        tx.execute(article.update().values(origin=outlet))
    two = with_detect(min_origins=2).model_copy(update={"watch": ()})
    owned = two.model_copy(update={"owners": {"Alder Media": ("alder", "birch")}})
    told = what_if(sqlite_store, two, owned)
    assert told["changes"] == [
        "owned outlet added: alder (Alder Media)", "owned outlet added: birch (Alder Media)",
    ]  # fmt: skip
    assert (told["present"]["fired"], told["changed"]["fired"]) == (1, 0)


def test_scripts_read_one_document(
    past: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    toml = "[detect]\nalarms_per_week = 0.5\nmin_origins = 1\n"
    document = json.loads(asked(past, tmp_path, capsys, toml, json_output=True))
    assert document["present"]["fired"] == 1
    assert document["changed"]["alarms_per_week"] == 0.5
    assert document["changed"]["streams"] == 21
