"""Going live by hand where people must approve: with them, or over their heads and said so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from monitor.config_learn import LearnSection
from monitor.errors import ConfigError, LearnError
from monitor.learning import approving, by_hand, promoting
from monitor.learning.by_hand import Asked
from monitor.store import learning, standings, trials
from monitor.store.engine import Store, Transaction
from monitor.store.learning import Promotion
from monitor.store.standings import KeptStanding
from monitor.store.trials import Opening, State, Trial

ADA = Asked("ada", "oil is not watched here")
ALONE = Asked("ada", "oil is not watched here", "ben is on leave")
DAY = timedelta(days=1)


def begun(tx: Transaction, now: datetime, state: State = "waiting", needed: int = 2) -> Trial:
    report = {"passed": {"at": now.isoformat(), "needed": needed}}
    return trials.begin(tx, Opening("promotion", "new", "old", 1, 0, 0, now, report, state))


def gone_live(tx: Transaction, approvals: int, asked: Asked, now: datetime) -> Promotion:
    return by_hand.promote(tx, LearnSection(approvals=approvals), "new", "old", asked, now)


@pytest.mark.parametrize("approvals", [1, 2])
@pytest.mark.parametrize("state", [None, "shadow", "refused"])
def test_what_has_not_passed_its_gate_goes_live_by_nobody_alone(
    store: Store, noon: datetime, approvals: int, state: State | None
) -> None:
    with store.write() as tx:
        if state:
            begun(tx, noon, state, needed=1)  # one that was refused had passed before
        with pytest.raises(LearnError, match=r"^new: needs 2 people by learn.approvals, has 1 \(a"):
            gone_live(tx, approvals, ADA, noon)
        assert learning.newest_promotion(tx) is None


def test_where_nobody_is_asked_one_person_is_enough(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        done = gone_live(tx, 0, ADA, noon)
    assert (done.by, done.reason) == ("ada", "oil is not watched here")


def test_whoever_promotes_is_one_voice_beside_those_who_approved(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        trial = begun(tx, noon)
        approving.approve(tx, trial, "Ada", "read its card", "shell", noon)  # the same person
        with pytest.raises(LearnError, match="has 1"):
            gone_live(tx, 2, ADA, noon)
        approving.approve(tx, trial, "ben", "read it too", "api", noon)
        done = gone_live(tx, 2, ADA, noon + DAY)
        ended = trials.get(tx, trial.number)
    assert (done.by, done.reason) == ("ada, approved by ben", "oil is not watched here")
    assert ended is not None
    assert ended.state == "promoted"


def test_a_small_shift_that_passed_needs_as_many_as_its_trial_says(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        begun(tx, noon, needed=1)
        assert gone_live(tx, 1, ADA, noon).by == "ada"


def test_a_configuration_that_asks_for_nobody_does_not_undo_what_the_trial_waits_for(
    store: Store, noon: datetime
) -> None:
    """As where a command is typed without the daemon's."""
    with store.write() as tx:
        begun(tx, noon)
        with pytest.raises(LearnError, match="needs 2 people"):
            gone_live(tx, 0, ADA, noon)


def test_who_is_found_to_answer_falsely_is_no_voice_here_either(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx:
        trial = begun(tx, noon)
        approving.approve(tx, trial, "ben", "fine", "api", noon)
        standings.keep(tx, [KeptStanding("Ada", "adversary", 0.1, 50, {}, noon)])
        with pytest.raises(LearnError, match=r"has 1 \(ben\)"):
            gone_live(tx, 2, ADA, noon)


def test_an_override_is_kept_with_how_many_were_lacking_and_is_logged(
    store: Store, noon: datetime
) -> None:
    with store.write() as tx, capture_logs() as logs:
        gone_live(tx, 2, ALONE, noon)
        newest = learning.newest_promotion(tx)
    assert newest is not None
    assert (newest.by, newest.reason) == (
        "ada",
        "oil is not watched here; with 1 of 2 approvals, overridden: ben is on leave",
    )
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("learn.overridden", "warning")
    assert (line["candidate"], line["by"], line["reason"]) == ("new", "ada", "ben is on leave")


@pytest.mark.parametrize("approvals", [0, 1])
def test_nothing_is_overridden_where_nobody_is_lacking(
    store: Store, noon: datetime, approvals: int
) -> None:
    with store.write() as tx:
        if approvals:
            begun(tx, noon, needed=1)
        with pytest.raises(ConfigError, match="--override: nobody else has to approve this"):
            gone_live(tx, approvals, ALONE, noon)
        assert learning.newest_promotion(tx) is None


def test_going_back_waits_for_nobody(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        gone_live(tx, 2, ALONE, noon)
        assert promoting.roll_back(tx, "new", "worse", "ada", noon).checkpoint == "old"
