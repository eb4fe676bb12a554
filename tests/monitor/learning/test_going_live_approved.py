"""A candidate that passed and waits, through real rounds: it goes live, or its evidence turns."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from passed_candidate import CANDIDATE, CHAMPION, ENOUGH, a_round, put_on_trial, say

from monitor.learning import approving, cards, trying
from monitor.learning.round import move_on, run
from monitor.learning.setting import Round
from monitor.live_policy import live
from monitor.store import learning, standings, trials
from monitor.store.engine import Store
from monitor.store.standings import KeptStanding
from monitor.store.trials import Trial

PASSED, REST = slice(0, ENOUGH), slice(ENOUGH, 202)


@pytest.fixture
def this(sqlite_store: Store, noon: datetime, tmp_path: Path) -> Round:
    """A candidate that has passed, where two must approve."""
    put_on_trial(sqlite_store, noon)
    say(sqlite_store, noon, CANDIDATE, PASSED)
    this = a_round(sqlite_store, tmp_path, noon, approvals=2)
    answer = run(this, "a test")
    assert (answer.state, answer.live) == ("shadow", CHAMPION), "it waits"
    assert answer.reasons[-1].startswith("passed its gate; 0 of 2 approvals: ")
    return this


def trial(this: Round) -> Trial:
    with this.store.read() as tx:
        found = approving.on_trial(tx, CANDIDATE)
    assert found is not None
    return found


def approve(this: Round, *names: str) -> None:
    with this.store.write() as tx:
        for name in names:
            approving.approve(tx, trial(this), name, f"{name} looked", "api", this.clock())


def serves(this: Round) -> str:
    with this.store.read() as tx:
        return live(tx, this.settings).checkpoint


def test_the_last_approval_makes_it_live_once_with_the_names(this: Round) -> None:
    approve(this, "ada")
    run(this, "a test")
    assert (serves(this), trial(this).state) == (CHAMPION, "waiting")
    approve(this, "ben")
    for _ in range(2):
        answer = run(this, "a test")
    assert (answer.live, answer.state) == (CANDIDATE, "idle"), "decided once"
    with this.store.read() as tx:
        (row,) = learning.promotions(tx)
        told = cards.judged(tx, CANDIDATE)
    assert row.by == "gate, approved by ada, ben"
    assert row.reason.startswith("shown to be better")
    assert "\n- Approved 2031-03-04T12:00:00Z by ben: ben looked\n" in told


def test_a_candidate_whose_evidence_turned_while_it_waited_is_not_made_live(this: Round) -> None:
    approve(this, "ada", "ben")
    say(this.store, this.clock() + timedelta(hours=1), CHAMPION, REST)
    move_on(this, trial(this).number, "a test")
    ended = trial(this)
    assert (ended.state, serves(this)) == ("refused", CHAMPION)
    assert ended.reasons[0].startswith("since it passed shown to be worse")
    assert ended.report["gate"]["since"]["judged"] > 0


def test_a_proof_that_rested_on_liars_has_to_be_given_anew(this: Round) -> None:
    approve(this, "fay", "gil")
    with this.store.write() as tx:
        through = {"through": trials.waiting(tx, 0).newest}
        liars = [
            KeptStanding(name, "adversary", 0.0, 15, through, this.clock())
            for name in ("ada", "ben", "cleo")
        ]
        standings.keep(tx, liars)
    move_on(this, trial(this).number, "a test")
    assert (trial(this).state, serves(this)) == ("shadow", CHAMPION)
    with this.store.read() as tx:
        assert approving.standing(tx, trial(this)) == []


def test_a_veto_in_the_middle_of_the_round_that_would_make_it_live_holds(
    this: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(this, "ada", "ben")
    measure = trying.effect

    def refused_meanwhile(*given: object) -> object:
        with this.store.write() as tx:
            approving.refuse(tx, trial(this), "cleo", "not this one", this.clock())
        return measure(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(trying, "effect", refused_meanwhile)
    move_on(this, trial(this).number, "a test")
    assert (trial(this).state, serves(this)) == ("refused", CHAMPION)
    assert list(trial(this).reasons) == ["refused by cleo: not this one"]


def test_where_nobody_is_asked_any_more_it_goes_live_by_the_gate(
    this: Round, tmp_path: Path
) -> None:
    answer = run(a_round(this.store, tmp_path, this.clock()), "a test")
    assert answer.live == CANDIDATE
    with this.store.read() as tx:
        newest = learning.newest_promotion(tx)
    assert newest is not None
    assert newest.by == "gate"
