"""`downdraft policy list | promote | rollback`, and what `status` says of learning afterwards."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main
from monitor.store import learn_lease, learning, standings, trials
from monitor.store.engine import Store, open_store
from monitor.store.learning import KnownCheckpoint
from monitor.store.standings import KeptStanding
from monitor.store.trials import Opening
from policy.manifest import CARD, FALLBACK, LINEAR, SHIPPED, describe, seal, verify

SHIPPED_ID = describe(SHIPPED).id


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    def refuses(self, words: str) -> bool:
        """By one line and exit 2."""
        assert words in self.err, self.err
        return (self.code, self.out, self.err.count("\n")) == (2, "", 1)


Command = Callable[..., Said]


@pytest.fixture
def downdraft(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    """Runs a command beside the store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", f"sqlite:///{tmp_path / 'store.db'}")

    def run(*words: object) -> Said:
        monkeypatch.setattr("sys.argv", ["downdraft", *map(str, words)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


def write_checkpoint(folder: Path, weights: str) -> str:
    """Whole by its manifest; nothing here opens it."""
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_text(weights)
    (folder / CARD).write_text(f"# Policy {weights}\n")
    made = seal(
        folder, encoder=LINEAR, created_by="a test", data={}, metrics={}, libraries=(),
        parent=SHIPPED_ID,
    )  # fmt: skip
    return made.id


@pytest.fixture
def candidate(kept: Store, tmp_path: Path, noon: datetime) -> str:
    """Learned from verdicts, and refused by the gate."""
    folder = tmp_path / "policies" / "first"
    id_ = write_checkpoint(folder, "one")
    with kept.write() as tx:
        row = KnownCheckpoint(id_, str(folder), SHIPPED_ID, "verdict_likelihood", {}, noon)
        learning.add_checkpoint(tx, row)
        trials.begin(tx, opening(id_, noon, state="refused", reasons=("topic forgets oil",)))
    return id_


def opening(challenger: str, at: datetime, **changes: Any) -> Opening:
    known = Opening("promotion", challenger, SHIPPED_ID, 1, 0, 0, at, {})
    return replace(known, **changes)


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


def test_a_person_promotes_over_the_gates_head_and_it_is_written_down(
    downdraft: Command, candidate: str, kept: Store
) -> None:
    said = downdraft("policy", "promote", candidate, "--reason", "oil is  not watched here")
    me = getpass.getuser()
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
    assert (document["kind"], document["by"]) == ("rollback", getpass.getuser())
    assert "probation against" in downdraft("policy", "list").out
    assert "rolled back: " in downdraft("policy", "list").out


def test_the_card_says_at_once_what_a_person_did_and_how_it_was_judged(
    downdraft: Command, candidate: str, tmp_path: Path
) -> None:
    downdraft("policy", "promote", candidate, "--reason", "oil is not watched here")
    told, me = downdraft("policy", "card", candidate).out, getpass.getuser()
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


def test_status_says_what_is_live_since_when_and_why(downdraft: Command, candidate: str) -> None:
    assert json.loads(downdraft("status", "--json").out)["learning"]["live"] is None
    downdraft("policy", "promote", candidate, "--reason", "oil is not watched here")
    known = json.loads(downdraft("status", "--json").out)["learning"]
    assert known["live"]["checkpoint"] == candidate
    said = downdraft("status").out
    assert f"policy     {candidate}, nothing labelled yet\n" in said
    assert f"by {getpass.getuser()}: oil is not watched here\n" in said
    assert f"probation  {candidate} since {known['live']['at']}, against {SHIPPED_ID}\n" in said


def test_status_says_how_far_the_open_trial_is(
    downdraft: Command, candidate: str, kept: Store, noon: datetime
) -> None:
    far = ["the evidence for the challenger is 1.20 nats of 3.49 needed"]
    gate = {"judged": 31, "log_evidence": 1.2, "log_threshold": 3.4934}
    with kept.write() as tx:
        trials.begin(tx, opening(candidate, noon, report={"gate": gate, "far": far}))
    (trial,) = json.loads(downdraft("status", "--json").out)["learning"]["trials"]
    assert (trial["judged"], trial["log_evidence"], trial["reasons"]) == (31, 1.2, far)
    assert f"  {far[0]}\n" in downdraft("status").out


def test_status_names_an_adversary_with_the_figures_that_say_so(
    downdraft: Command, kept: Store, noon: datetime
) -> None:
    mild = {"false": 3.0, "suspicion": 0.4, "named": []}
    false = {"false": 44.5, "suspicion": 12.3, "named": ["Tellumar"], "through": 90}
    with kept.write() as tx:
        rows = [
            KeptStanding("ada", "trusted", 0.9, 70, mild, noon),
            KeptStanding("eva", "adversary", 0.31, 60, false, noon),
        ]
        standings.keep(tx, rows)
    said = downdraft("status").out
    assert "analysts   1 adversary, 1 trusted\n" in said
    assert (
        "  ADVERSARY eva: 44.5 of 60 verdicts false about Tellumar by what the others say,"
        " 12.3 nats of evidence, trust 0.31\n"
    ) in said
    assert "ada" not in said
    document = json.loads(downdraft("status", "--json").out)
    assert document["learning"]["analysts"][0]["standing"] == "adversary"
