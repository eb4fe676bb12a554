"""`downdraft policy promote | rollback`: a person decides what is live, and says why."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from checkpoints import SHIPPED_ID, write_checkpoint
from command_line import Command

from monitor.cli.deciding import person
from monitor.store import learn_lease, learning, trials
from monitor.store.engine import Store


def test_a_person_promotes_over_the_gates_head_and_it_is_written_down(
    downdraft: Command, candidate: str, kept: Store
) -> None:
    said = downdraft("policy", "promote", candidate, "--reason", "oil is  not watched here")
    me = person()
    assert said.code == 0
    assert said.out.startswith(
        f"{candidate} is live, {SHIPPED_ID} was; by {me}: oil is not watched here\n"
    )
    with kept.read() as tx:
        newest = learning.newest_promotion(tx)
        (probation,) = trials.open_trials(tx)
    assert newest is not None
    assert (newest.checkpoint, newest.before, newest.by) == (candidate, SHIPPED_ID, me)
    assert (probation.kind, probation.champion, probation.challenger) == (
        "probation", candidate, SHIPPED_ID,
    )  # fmt: skip
    listed = downdraft("policy", "list").out
    assert f"{candidate}  live" in listed
    assert f"in place of {SHIPPED_ID}, by {me}: oil is not watched here\n" in listed


def test_a_directory_that_no_round_has_made_can_be_promoted(
    downdraft: Command, tmp_path: Path
) -> None:
    id_ = write_checkpoint(tmp_path / "trained", "two")
    document = json.loads(
        downdraft("policy", "promote", "trained", "--reason", "trained anew", "--json").out
    )
    assert (document["checkpoint"], document["kind"]) == (id_, "promote")
    rows = {row["id"]: row for row in json.loads(downdraft("policy", "list", "--json").out)}
    assert rows[id_]["live"]
    assert rows[id_]["path"] == str(tmp_path / "trained")


@pytest.mark.parametrize("reason", [(), ("--reason", ""), ("--reason", "  \n ")])
def test_without_a_reason_nothing_is_promoted(
    downdraft: Command, candidate: str, kept: Store, reason: tuple[str, ...]
) -> None:
    assert downdraft("policy", "promote", candidate, *reason).refuses("--reason: missing")
    assert downdraft("policy", "rollback", *reason).refuses("--reason: missing")
    with kept.read() as tx:
        assert learning.newest_promotion(tx) is None


@pytest.mark.parametrize("unknown", ["0123456789ab", "nonsense", "store.db"])
def test_what_is_no_checkpoint_of_ours_is_refused(
    downdraft: Command, candidate: str, unknown: str
) -> None:
    said = downdraft("policy", "promote", unknown, "--reason", "why not")
    assert said.refuses(f"{unknown}: no such checkpoint; `downdraft policy list`")


def test_what_is_live_is_not_promoted_again(downdraft: Command, candidate: str) -> None:
    said = downdraft("policy", "promote", SHIPPED_ID, "--reason", "again")
    assert said.refuses("is live already")


def test_a_checkpoint_that_was_altered_is_not_promoted(
    downdraft: Command, candidate: str, tmp_path: Path, kept: Store
) -> None:
    (tmp_path / "policies/first/weights.safetensors").write_text("another")
    said = downdraft("policy", "promote", candidate, "--reason", "looks fine")
    assert said.refuses("altered since it was made")
    with kept.read() as tx:
        assert learning.newest_promotion(tx) is None


def test_another_checkpoint_in_the_place_of_a_known_one_is_not_promoted(
    downdraft: Command, candidate: str, tmp_path: Path
) -> None:
    folder = tmp_path / "policies/first"
    folder.rename(tmp_path / "aside")
    other = write_checkpoint(folder, "other")
    said = downdraft("policy", "promote", candidate, "--reason", "looks fine")
    assert said.refuses(f"holds {other}, not {candidate}")


def test_rolling_back_makes_live_what_was_before_and_says_by_whom(
    downdraft: Command, candidate: str
) -> None:
    downdraft("policy", "promote", candidate, "--reason", "try it")
    said = downdraft("policy", "rollback", "--reason", "worse on dividends", "--json")
    document = json.loads(said.out)
    assert (document["checkpoint"], document["before"]) == (SHIPPED_ID, candidate)
    assert (document["kind"], document["by"]) == ("rollback", person())
    assert "probation against" in downdraft("policy", "list").out
    assert "rolled back: " in downdraft("policy", "list").out


def test_where_nothing_was_before_there_is_nothing_to_go_back_to(downdraft: Command) -> None:
    said = downdraft("policy", "rollback", "--reason", "nerves")
    assert said.refuses(f"nothing was live before {SHIPPED_ID}")


def test_nobody_goes_back_to_what_is_not_there_any_more(
    downdraft: Command, candidate: str, tmp_path: Path, kept: Store
) -> None:
    second = write_checkpoint(tmp_path / "second", "two")
    downdraft("policy", "promote", candidate, "--reason", "first")
    downdraft("policy", "promote", "second", "--reason", "second")
    (tmp_path / "policies/first/weights.safetensors").unlink()
    assert downdraft("policy", "rollback", "--reason", "worse").refuses("missing")
    with kept.read() as tx:
        newest = learning.newest_promotion(tx)
    assert newest is not None
    assert newest.checkpoint == second


@pytest.mark.parametrize("words", [("promote", "first"), ("rollback",)])
def test_while_a_round_of_learning_runs_nobody_changes_what_is_live(
    downdraft: Command, candidate: str, kept: Store, words: tuple[str, ...], tmp_path: Path
) -> None:
    far = datetime.fromisoformat("2999-01-01T00:00:00+00:00")
    with kept.write() as tx:
        learn_lease.take(tx, "the daemon 7 on host", far - timedelta(days=1), far)
    given = [candidate if word == "first" else word for word in words]
    said = downdraft("policy", *given, "--reason", "now")
    assert said.refuses("another round of learning runs (the daemon 7 on host)")
