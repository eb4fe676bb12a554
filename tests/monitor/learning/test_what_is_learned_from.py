"""A training learns no word of a named adversary, and is held to anchors of our own if need be."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

from monitor.config import Settings
from monitor.learning import schooling
from monitor.learning.bench import Bench
from monitor.learning.setting import Round
from monitor.store import verdicts
from monitor.store.engine import Store
from policy.verdicts import Verdict


def a_round(store: Store, noon: datetime, folder: Path) -> Round:
    settings = Settings.model_validate({"learn": {"folder": str(folder)}})
    return Round(store, settings, lambda: noon, cast("Bench", None), lambda *_: None)


def test_adversaries_teach_nothing_and_their_gold_stays_also_after_a_kill(
    sqlite_store: Store, noon: datetime, tmp_path: Path
) -> None:
    said = Verdict(
        "v1", "Mill burns", "", "sentiment", "negative", 1.0, 1.0, "ada", "confirm", "", "", noon
    )
    false = replace(said, id="v2", analyst="eve", answer="reject")
    gold = replace(false, id="v3", why="gold", truth="negative")
    with sqlite_store.write() as tx:
        verdicts.add(tx, [said, false, gold], noon)
    this = a_round(sqlite_store, noon, tmp_path)
    begun = schooling.begin(this, "champion", ["eve"])
    assert [each.id for each in schooling.log_of(this, begun)] == ["v1", "v3"]
    assert schooling.open_request(this, "champion") == begun


def test_the_gate_has_anchors_of_our_own_where_none_are_given(
    sqlite_store: Store, noon: datetime, tmp_path: Path
) -> None:
    this = a_round(sqlite_store, noon, tmp_path)
    given = schooling.material(this, schooling.begin(this, "champion", []))
    assert len(given.for_gate) == 1_000
    assert {bool(row.sentiment or row.topic) for row in given.for_gate} == {True}
