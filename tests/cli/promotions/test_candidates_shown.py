"""`downdraft policy list | show | card`, and candidates at work by their id."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from checkpoints import SHIPPED_ID
from command_line import Command

from monitor.cli.deciding import person
from monitor.store import learning
from monitor.store.engine import Store
from monitor.store.learning import KnownCheckpoint
from policy.manifest import FALLBACK, SHIPPED, describe, verify


def test_before_anything_was_learned_what_ships_is_live(downdraft: Command) -> None:
    (row,) = json.loads(downdraft("policy", "list", "--json").out)
    assert (row["id"], row["live"], row["trials"], row["promotions"]) == (SHIPPED_ID, True, [], [])
    assert downdraft("policy", "list").out == f"{SHIPPED_ID}  live  {SHIPPED}\n"


def test_candidates_are_listed_with_who_taught_them_and_why_they_were_refused(
    downdraft: Command, candidate: str
) -> None:
    said = downdraft("policy", "list").out
    assert f"  taught by verdict_likelihood from {SHIPPED_ID}, 2031-03-04T12:00:00Z\n" in said
    assert f"  candidate against {SHIPPED_ID}, refused: topic forgets oil\n" in said
    shipped, learned = json.loads(downdraft("policy", "list", "--json").out)
    assert (shipped["live"], learned["live"]) == (True, False)
    assert (learned["id"], learned["trials"][0]["state"]) == (candidate, "refused")


def test_the_card_says_at_once_what_a_person_did_and_how_it_was_judged(
    downdraft: Command, candidate: str, tmp_path: Path
) -> None:
    downdraft("policy", "promote", candidate, "--reason", "oil is not watched here")
    told, me = downdraft("policy", "card", candidate).out, person()
    assert told.startswith("# Policy one\n")
    assert f": went live, by {me}: oil is not watched here" in told
    assert "test k = 1 of its quarter, α = 0.0304" in told
    assert "This does not see: " in told
    downdraft("policy", "rollback", "--reason", "it was")
    again = downdraft("policy", "card", candidate).out
    assert f": gave way to `{SHIPPED_ID}`, by {me}: it was" in again
    assert again.count("## Judged\n") == 1
    assert verify(tmp_path / "policies" / "first").id == candidate, "it vouches for its new card"


def test_the_card_of_another_users_checkpoint_is_left_to_them(
    downdraft: Command, candidate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 54321)
    assert downdraft("policy", "promote", candidate, "--reason", "by root").code == 0
    assert downdraft("policy", "card", candidate).out == "# Policy one\n\n"


def test_a_candidate_is_shown_and_its_card_read_by_its_id(
    downdraft: Command, candidate: str
) -> None:
    document = json.loads(downdraft("policy", "show", candidate, "--json").out)
    assert (document["id"], document["parent"]) == (candidate, SHIPPED_ID)
    assert downdraft("policy", "card", candidate).out == "# Policy one\n\n"


def test_candidates_label_and_are_measured_by_their_id_in_the_store_configured(
    downdraft: Command,
    kept: Store,
    tmp_path: Path,
    noon: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    id_ = describe(FALLBACK).id  # stands for what a round has made; it opens quickly
    with kept.write() as tx:
        row = KnownCheckpoint(id_, str(FALLBACK), SHIPPED_ID, "value", {}, noon)
        learning.add_checkpoint(tx, row)
    config, rows = tmp_path / "mine.toml", tmp_path / "rows.csv"
    config.write_text(f'[store]\nurl = "sqlite:///{tmp_path / "store.db"}"\n')
    rows.write_text("text,sentiment\nMill burns,negative\n")
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", f"sqlite:///{tmp_path / 'another.db'}")
    assert downdraft("label", "--policy", id_, "Mill burns").code == 2
    monkeypatch.delenv("DOWNDRAFT_STORE__URL")
    asked = ("--policy", id_, "--config", config, "--json")
    assert json.loads(downdraft("label", "Mill burns", *asked).out)["policy"] == id_
    assert json.loads(downdraft("evaluate", rows, *asked).out)["policy"] == id_


def test_an_id_that_nobody_knows_is_not_shown(downdraft: Command) -> None:
    assert downdraft("policy", "show", "0123456789ab").refuses("0123456789ab")
