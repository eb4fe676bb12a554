"""What `downdraft status` says of alerts that somebody is on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.types import Alert, Budget, Evidence, Stream
from monitor.acknowledging import acknowledge
from monitor.cli.state import lines, read_state
from monitor.store import alerts
from monitor.store.engine import Store

NOON = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)


def an_alert(id_: str) -> Alert:
    stream = Stream(target=f"Halvorsen {id_}")
    evidence = Evidence(stream, NOON, timedelta(hours=1), 9, 8, 0.2, 9.1, 2.0)
    return Alert(
        id_, stream, "negative_share", "warning", "firing", NOON, NOON, evidence, 9, 8, 0.2, (),
        "ck", Budget(1.0, 29, 4872.0, 168.0),
    )  # fmt: skip


def test_status_says_which_firing_alerts_are_acknowledged(sqlite_store: Store) -> None:
    with sqlite_store.write() as tx:
        for id_ in ("a1", "a2"):
            alerts.open_new(tx, an_alert(id_), ())
        alerts.open_new(tx, replace(an_alert("a3"), parent="a2"), ())
        acknowledge(tx, "a2", "anna", "", NOON)
    state = read_state(sqlite_store, NOON)
    told = {one["id"]: one["status"] for one in state["alerts"]}
    assert told == {"a1": "firing", "a2": "acknowledged", "a3": "acknowledged"}
    said = [line for line in lines(state) if "Halvorsen" in line]
    assert [line.endswith(", acknowledged") for line in sorted(said)] == [False, True, True]
    assert "alerts     3 firing" in list(lines(state))
