"""Another configuration tried on the past, beside what analysts said of the alerts of that time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from past_rows import BEGIN, NAME, Past, write

from alerts.types import Alert, Budget, Evidence, Story, Stream
from monitor.cli.what_if import answer
from monitor.config import DetectSection, Settings, StoreSection, WatchEntry
from monitor.store import alert_verdicts, alerts, history
from monitor.store.alert_verdicts import AlertAnswer, AlertVerdict
from monitor.store.engine import Store, Transaction, open_store
from monitor.what_if import what_if

OIL, DAY = "Energy | Oil", timedelta(days=1)
PRESENT = Settings(
    detect=DetectSection(
        alarms_per_week=0.02, volume_alarms_per_week=0, topics=(OIL,), min_origins=1
    ),
    watch=(WatchEntry(name=NAME),),
)
SILENT = PRESENT.model_copy(
    update={"detect": PRESENT.detect.model_copy(update={"min_stories": 500})}
)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A bad day on the 26th, of which an alert told; and one that nothing would raise again."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('past') / 'store.db'}")
    with store.write() as tx:
        write(tx, Past(30, 3, 25, (OIL,)))
        rows = history.since(tx, BEGIN)
        bad = [row.story_id for row in rows if row.target == NAME]
        calm = [row.story_id for row in rows if row.at < BEGIN + DAY]
        _raised(tx, "crisis", bad[3:5], "confirm")
        _raised(tx, "calm", calm[:4], "confirm")
    yield store
    store.close()


def _raised(tx: Transaction, id_: str, stories: list[int], said: AlertAnswer) -> None:
    at, stream = BEGIN + 25 * DAY, Stream(target=NAME)
    evidence = Evidence(stream, at, timedelta(hours=1), 9, 8, 0.2, 9.1, 2.0)
    told = tuple(Story(one, "", at, True, 0.9, 1.0, ()) for one in stories)
    alert = Alert(
        id_, stream, "negative_share", "warning", "firing", at, at, evidence, 9, 8, 0.2, told,
        "ck", Budget(1.0, 29, 4872.0, 168.0),
    )  # fmt: skip
    alerts.open_new(tx, alert, ())
    alert_verdicts.add(tx, AlertVerdict(f"of {id_}", id_, "ada", said, "", "api", at))


def test_each_side_says_how_many_of_its_alerts_were_found_worth_telling(past: Store) -> None:
    document = what_if(past, PRESENT, SILENT)
    told = {"alerts": 1, "judged": 1, "worth_telling": 1, "share": 1.0}
    assert document["present"]["judged"] == told
    assert document["changed"]["judged"] == {
        "alerts": 0, "judged": 0, "worth_telling": 0, "share": None
    }  # fmt: skip


def test_people_read_it_in_a_line(
    past: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = past.engine.url.render_as_string(hide_password=False)
    present = PRESENT.model_copy(update={"store": StoreSection(url=url)})
    (tmp_path / "changed.toml").write_text("[detect]\nmin_stories = 500\n")
    answer(present, tmp_path / "changed.toml", json_output=False)
    told = capsys.readouterr().out
    assert "analysts, at present: 1 of 1 alert judged, 1 worth telling (100%)\n" in told
    assert "as it would be" not in told, "none of its alerts was judged"


def test_an_answer_that_was_changed_changes_the_share(past: Store) -> None:
    verdict = AlertVerdict("later", "crisis", "ada", "reject", "", "api", BEGIN + 26 * DAY)
    with past.write() as tx:
        alert_verdicts.add(tx, replace(verdict, reason="immaterial"))
    judged = what_if(past, PRESENT, SILENT)["present"]["judged"]
    assert (judged["judged"], judged["worth_telling"]) == (1, 0)
