"""Verdicts on alerts at the command line: taken out, and told by `status`."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from command_line import Command, store_url

from alerts.types import Alert, Budget, Evidence, Stream
from monitor.cli.state import lines, read_state
from monitor.review.exchange import ALERT_COLUMNS
from monitor.store import alert_verdicts, alerts
from monitor.store.alert_verdicts import AlertAnswer, AlertVerdict
from monitor.store.engine import Store, open_store


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(store_url(tmp_path))
    yield opened
    opened.close()


def judged(store: Store, noon: datetime, *answers: AlertAnswer) -> None:
    """An alert each, and one that nobody has judged."""
    stream = Stream(target="Halvorsen, Marine")
    evidence = Evidence(stream, noon, timedelta(hours=1), 9, 8, 0.2, 9.1, 2.0)
    with store.write() as tx:
        for number in range(len(answers) + 1):
            alert = Alert(
                f"a{number}", stream, "negative_share", "warning", "firing", noon, noon, evidence,
                9, 8, 0.2, (), "ck", Budget(1.0, 29, 4872.0, 168.0),
            )  # fmt: skip
            alerts.open_new(tx, alert, ())
        for number, answer in enumerate(answers):
            about = f"a{number}"
            said = AlertVerdict(f"v{number}", about, "mail:desk", answer, "", "mail", noon)
            alert_verdicts.add(tx, said)


def test_they_are_written_as_csv(
    downdraft: Command, kept: Store, noon: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", store_url(tmp_path))
    judged(kept, noon, "confirm", "reject")
    said = downdraft("feedback", "alerts", "said.csv")
    assert (said.code, said.out) == (0, "wrote 2 verdicts to said.csv\n")
    with (tmp_path / "said.csv").open(newline="") as file:
        header, first, second = csv.reader(file)
    assert tuple(header) == ALERT_COLUMNS
    at = "2031-03-04T12:00:00Z"
    about = ["", "Halvorsen, Marine", "negative_share", at, "mail:desk"]
    assert first == ["a0", *about, "confirm", "", "mail", at]
    assert second == ["a1", *about, "reject", "", "mail", at]
    piped = downdraft("feedback", "alerts", "-")
    assert piped.out == (tmp_path / "said.csv").read_text()
    assert downdraft("feedback", "alerts", "-", "--json").refuses("give a file instead of -")


def test_the_export_of_verdicts_on_labels_holds_none_of_them(
    downdraft: Command, kept: Store, noon: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", store_url(tmp_path))
    judged(kept, noon, "confirm")
    assert downdraft("feedback", "export", "labels.csv").out.startswith("wrote 0 verdicts")


def test_status_says_how_many_alerts_were_worth_telling(kept: Store, noon: datetime) -> None:
    judged(kept, noon, "confirm", "confirm", "reject")
    state = read_state(kept, noon + timedelta(days=90))
    assert state["alerts_judged"] == {
        "days": 90, "alerts": 4, "judged": 3, "worth_telling": 2, "share": 0.6667
    }  # fmt: skip
    assert "judged     alerts of the last 90 days: 4, judged 3, worth telling 67 %" in list(
        lines(state)
    )


def test_where_nobody_has_judged_no_share_is_told(kept: Store, noon: datetime) -> None:
    judged(kept, noon)
    state = read_state(kept, noon)
    assert state["alerts_judged"]["share"] is None
    assert "judged     alerts of the last 90 days: 1, judged 0" in list(lines(state))
    later = read_state(kept, noon + timedelta(days=91))
    assert not any(line.startswith("judged") for line in lines(later))
