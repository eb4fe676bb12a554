"""`downdraft policy approve | refuse`: people have a say over what is on trial, and say why."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from checkpoints import SHIPPED_ID, opening
from command_line import Command
from passed_candidate import CANDIDATE, ENOUGH, a_round, put_on_trial, say

from monitor.cli.deciding import person
from monitor.learning.round import run
from monitor.store import learn_lease, learning, trials, votes
from monitor.store.engine import Store
from monitor.store.trials import State, Trial

WHY = ("--reason", "read the card")
As = Callable[[int], str]


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> As:
    """Commands from then on are somebody else's, whatever their environment says."""

    def change(number: int) -> str:
        monkeypatch.setattr(os, "getuid", lambda: number)
        monkeypatch.setenv("LOGNAME", "somebody")
        return pwd.getpwuid(number).pw_name

    return change


def on_trial(store: Store, id_: str, noon: datetime, state: State = "waiting") -> Trial:
    report = {"far": ["shown to be better"], "passed": {"at": noon.isoformat(), "needed": 2}}
    with store.write() as tx:
        return trials.begin(tx, opening(id_, noon, state=state, report=report))


def state(store: Store) -> str:
    with store.read() as tx:
        newest = trials.newest(tx, "promotion")
    assert newest is not None
    return newest.state


def test_a_candidate_is_refused_by_hand_and_status_list_and_card_say_by_whom(
    downdraft: Command, candidate: str, kept: Store, noon: datetime
) -> None:
    on_trial(kept, candidate, noon, "shadow")
    said = downdraft("policy", "refuse", candidate, "--reason", "blind to  floods")
    why = f"refused by {person()}: blind to floods"
    assert (said.code, said.out) == (0, f"{candidate} {why}\n")
    assert state(kept) == "refused"
    assert f"  candidate against {SHIPPED_ID}, refused: {why}\n" in downdraft("policy", "list").out
    assert f"\n- {why}\n" in downdraft("policy", "card", candidate).out
    assert why in downdraft("status").out


def test_what_is_on_no_trial_cannot_be_refused(
    downdraft: Command, candidate: str, kept: Store
) -> None:
    def refuse(id_: str) -> Callable[[str], bool]:
        return downdraft("policy", "refuse", id_, *WHY).refuses

    assert refuse(candidate)("was refused already, 2031-03-04T12:00:00Z: topic forgets oil")
    assert refuse("0123456789ab")("0123456789ab: no such candidate; `downdraft policy list`")
    assert refuse(SHIPPED_ID)("is live; take it back with `downdraft policy rollback`")
    with kept.write() as tx:
        newest = trials.newest(tx, "promotion")
        assert newest is not None
        trials.begin(tx, opening(candidate, newest.opened_at, state="promoted"))
    assert refuse(candidate)("went live 2031-03-04T12:00:00Z; what is live is taken back with")
    assert downdraft("policy", "refuse", candidate).refuses("--reason: missing")


def test_a_veto_waits_for_no_round(
    downdraft: Command, candidate: str, kept: Store, noon: datetime
) -> None:
    on_trial(kept, candidate, noon)
    far = datetime(2999, 1, 1, tzinfo=UTC)
    with kept.write() as tx:
        learn_lease.take(tx, "the daemon 7 on host", far - timedelta(days=1), far)
    document = downdraft("policy", "refuse", candidate, *WHY, "--json").json
    assert (document["state"], state(kept)) == ("refused", "refused")


def test_each_person_has_one_voice_and_everybody_sees_what_is_lacking(
    downdraft: Command, candidate: str, kept: Store, noon: datetime, as_user: As
) -> None:
    on_trial(kept, candidate, noon)
    me = as_user(1)
    for _ in range(2):
        document = downdraft("policy", "approve", candidate, *WHY, "--json").json
        assert (document["state"], document["approvals_needed"]) == ("waiting", 2)
        (given,) = document["approvals"]  # type: ignore[misc]
        assert (given["by"], given["reason"]) == (me, "read the card")
    lacking = (
        f"passed its gate; 1 of 2 approvals ({me}): `downdraft policy approve {candidate}`"
        " or `refuse` it, with --reason"
    )
    assert lacking in downdraft("status").out
    assert f"waiting    {candidate} against {SHIPPED_ID} since" in downdraft("status").out
    assert (
        f"{SHIPPED_ID}, waiting: shown to be better; {lacking}" in downdraft("policy", "list").out
    )
    assert f" by {me}: read the card\n" in downdraft("policy", "card", candidate).out


def test_what_has_not_passed_or_was_altered_is_not_approved(
    downdraft: Command, candidate: str, kept: Store, noon: datetime, tmp_path: Path
) -> None:
    trial = on_trial(kept, candidate, noon, "shadow")
    assert downdraft("policy", "approve", candidate, *WHY).refuses("has not passed its gate yet")
    with kept.write() as tx:
        trials.note(tx, trial.number, 0, trial.report, "waiting")
    assert downdraft("policy", "approve", candidate).refuses("--reason: missing")
    (tmp_path / "policies/first/weights.safetensors").write_text("another")
    said = downdraft("policy", "approve", candidate, *WHY)
    assert said.refuses("altered since it was made")
    with kept.read() as tx:
        assert votes.of(tx, trial.number) == []


def test_the_last_approval_makes_it_live_at_once(
    downdraft: Command, kept: Store, tmp_path: Path, noon: datetime, as_user: As
) -> None:
    put_on_trial(kept, noon)
    say(kept, noon, CANDIDATE, slice(0, ENOUGH))
    run(a_round(kept, tmp_path, noon, approvals=2), "a test")
    first, second = (as_user(number) for number in (2, 1))
    config = tmp_path / "two.toml"
    config.write_text('[learn]\napprovals = 2\n[policy]\ndevice = "cpu"\n')
    approve = ("policy", "approve", CANDIDATE, *WHY, "--config", config, "--json")
    assert downdraft(*approve).json["live"] == SHIPPED_ID
    as_user(2)
    said = downdraft(*approve)
    assert (said.code, said.json["state"], said.json["live"]) == (0, "promoted", CANDIDATE)
    with kept.read() as tx:
        newest = learning.newest_promotion(tx)
    assert newest is not None
    assert newest.by == f"gate, approved by {second}, {first}"


def test_an_approval_beside_a_round_is_kept_for_the_next_one(
    downdraft: Command, candidate: str, kept: Store, noon: datetime, as_user: As
) -> None:
    trial = on_trial(kept, candidate, noon)
    far = datetime(2999, 1, 1, tzinfo=UTC)
    with kept.write() as tx:
        learn_lease.take(tx, "the daemon 7 on host", far - timedelta(days=1), far)
    for number in (1, 2):
        as_user(number)
        said = downdraft("policy", "approve", candidate, *WHY)
        assert said.code == 0
    assert said.out.startswith("not live yet: another round of learning runs (the daemon 7")
    assert ": the next round makes it live\n" in said.out
    with kept.read() as tx:
        assert len(votes.of(tx, trial.number)) == 2


def test_a_candidate_that_cannot_be_opened_is_refused_and_not_made_live(
    downdraft: Command, candidate: str, kept: Store, noon: datetime, as_user: As
) -> None:
    on_trial(kept, candidate, noon)
    for number in (1, 2):
        as_user(number)
        said = downdraft("policy", "approve", candidate, *WHY, "--json")
    assert (said.code, json.loads(said.out)["state"]) == (1, "refused")
    assert state(kept) == "refused"
