"""People's say over a candidate: what passed waits for them, one voice each, and any may refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.config_learn import LearnSection
from monitor.errors import LearnError
from monitor.learning import approving, due, promoting
from monitor.learning.approving import Outcome
from monitor.store import learning, standings, trials, votes
from monitor.store.engine import Store, Transaction
from monitor.store.standings import KeptStanding
from monitor.store.trials import Opening, Trial
from monitor.store.votes import Vote
from policy.gate.types import Ruling

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BETTER = Ruling("promoted", ("shown to be better",), {})
SMALL = {"effect": {"stories": 900, "differ": 0.1}}
TWO = LearnSection(approvals=2)


def begun(tx: Transaction, now: datetime, **changes: Any) -> Trial:
    usual = Opening("promotion", "new", "old", 1, 0, 0, now, SMALL)
    return trials.begin(tx, replace(usual, **changes))


def moved(tx: Transaction, trial: Trial, section: LearnSection, now: datetime) -> Outcome:
    """What follows from a ruling, taken down as a round does."""
    done = approving.outcome(tx, section, trial, BETTER, trial.report, now)
    if done.state in trials.OPEN:
        trials.note(tx, trial.number, 0, done.report, done.state)
    return done


def waiting(tx: Transaction, now: datetime, section: LearnSection = TWO) -> Trial:
    trial = begun(tx, now)
    assert moved(tx, trial, section, now).state == "waiting"
    return again(tx, trial)


def again(tx: Transaction, trial: Trial) -> Trial:
    found = trials.get(tx, trial.number)
    assert found is not None
    return found


def test_where_nobody_is_asked_what_passes_goes_live(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        done = moved(tx, begun(tx, noon), LearnSection(), noon)
    assert (done.state, done.by) == ("promoted", "gate")


def test_what_passed_waits_for_as_many_different_people(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        trial = waiting(tx, noon)
        first = approving.approve(tx, trial, "ada", "fine", "shell", noon)
        twice = approving.approve(tx, trial, "Ada", "fine, I say", "api", noon + MINUTE)
        assert (first.new, twice.new) == (True, False)
        assert (len(twice.approvals), twice.needed) == (1, 2)
        assert moved(tx, trial, TWO, noon + MINUTE).state == "waiting"
        assert approving.missing(tx, trial) == 1
        approving.approve(tx, trial, "ben", "fine too", "api", noon + 2 * MINUTE)
        done = moved(tx, trial, TWO, noon + 3 * MINUTE)
    assert (done.state, done.by) == ("promoted", "gate, approved by ada, ben")


@pytest.mark.parametrize(
    ("approvals", "stories", "differ", "people"),
    [
        (0, 900, 0.9, 0),
        (1, 900, 0.1, 1),
        (1, 900, 0.1001, 2),  # a large shift: the two-person rule
        (1, approving.FEW - 1, 0.0, 2),  # nobody knows how large
        (2, 900, 0.0, 2),
    ],
)
def test_a_large_shift_needs_a_second_person(
    approvals: int, stories: int, differ: float, people: int
) -> None:
    report = {"effect": {"stories": stories, "differ": differ}}
    assert approving.needed(approvals, report) == people


def test_a_shift_that_nobody_has_measured_counts_as_large() -> None:
    assert approving.needed(1, {"effect": {"stories": 0}}) == approving.needed(1, {}) == 2


def test_a_voice_counts_for_the_content_and_the_proof_that_it_was_given_for(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        trial = waiting(tx, noon)
        for name, content, at in (("x", "another", noon), ("y", "new", noon - MINUTE)):
            other = Vote(name, trial.number, content, at, name, "approve", "", "shell", noon)
            votes.add(tx, other)
        assert approving.standing(tx, trial) == []
        approving.approve(tx, trial, "ada", "fine", "shell", noon)
        lacking = Ruling("shadow", ("12 nats short",), {})
        back = approving.outcome(tx, TWO, trial, lacking, trial.report, noon + DAY)
        assert back.state == "shadow"
        trials.note(tx, trial.number, 0, back.report, "shadow")
        moved(tx, again(tx, trial), TWO, noon + 2 * DAY)
        anew = again(tx, trial)
        assert (anew.state, approving.standing(tx, anew)) == ("waiting", [])
        once_more = approving.approve(tx, anew, "ada", "still fine", "shell", noon + 3 * DAY)
        assert (once_more.new, len(once_more.approvals)) == (True, 1)


def test_who_is_found_to_answer_falsely_has_no_say(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        trial = waiting(tx, noon)
        for name in ("eva", "ada"):
            approving.approve(tx, trial, name, "fine", "api", noon)
        assert approving.enough(tx, trial)
        standings.keep(tx, [KeptStanding("eva", "adversary", 0.1, 50, {}, noon)])
        assert not approving.enough(tx, trial)
        assert moved(tx, trial, TWO, noon).state == "waiting"


def test_a_candidate_that_has_not_passed_is_not_approved_ahead(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        trial = begun(tx, noon, report={"far": ["3 of 400 verdicts"]})
        with pytest.raises(LearnError, match="new: has not passed its gate yet: 3 of 400"):
            approving.approve(tx, trial, "ada", "sure", "shell", noon)
        assert not votes.of(tx, trial.number)


@pytest.mark.parametrize("passed", [False, True])
def test_anybody_may_refuse_what_is_on_trial_and_it_is_kept_who_and_why(
    store: Store, noon: datetime, passed: bool
) -> None:
    with store.write() as tx:
        trial = waiting(tx, noon) if passed else begun(tx, noon)
        approving.refuse(tx, trial, "ada", "blind to floods", noon + MINUTE)
        ended = again(tx, trial)
        (vote,) = votes.of(tx, trial.number)
        assert trials.open_trials(tx) == []
        with pytest.raises(LearnError, match=r"new: was refused already, .*blind to floods"):
            approving.refuse(tx, ended, "ben", "me too", noon + DAY)
    assert (ended.state, ended.decided_at) == ("refused", noon + MINUTE)
    assert list(ended.reasons) == ["refused by ada: blind to floods"]
    assert (vote.person, vote.answer, vote.reason) == ("ada", "refuse", "blind to floods")


def test_what_is_live_is_rolled_back_and_not_refused(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        trial = waiting(tx, noon)
        promoting.promote(tx, "new", "old", "by hand", "ada", noon)
        with pytest.raises(LearnError, match=r"new: went live .*`downdraft policy rollback`"):
            approving.refuse(tx, trial, "ben", "no", noon)
        assert again(tx, trial).state == "promoted"
        newest = learning.newest_promotion(tx)
        assert newest is not None
        assert newest.checkpoint == "new"


def test_what_nobody_approves_makes_way_after_a_fortnight_for_newer_verdicts(
    store: Store, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter((199, 200, 200))
    monkeypatch.setattr(trials, "waiting", lambda *_: trials.Waiting(next(counts), noon, 0))
    with store.write() as tx:
        monkeypatch.setattr(approving, "PATIENCE", 14 * DAY)
        trial = begun(tx, noon)
        trial = replace(
            trial, state="waiting", report={"passed": {"at": noon.isoformat(), "needed": 2}}
        )
        after = [(14 * DAY, "waiting"), (14 * DAY - MINUTE, "waiting"), (14 * DAY, "refused")]
        for age, state in after:
            done = approving.outcome(tx, TWO, trial, BETTER, trial.report, noon + age)
            assert done.state == state
    assert done.reasons[0] == "not approved in 14 days, and 200 verdicts wait for the next one"


def test_while_one_waits_none_is_trained_and_the_last_approval_calls_a_round(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        trial = waiting(tx, noon)
        known = due.read(tx)
        assert not due.training(known, LearnSection(every_verdicts=20), noon)
        assert due.judging(known, noon, noon) == ""
        for name in ("ada", "ben"):
            approving.approve(tx, trial, name, "fine", "shell", noon)
        approved = due.judging(due.read(tx), noon, noon)
    assert approved == "a candidate that has passed was approved"
