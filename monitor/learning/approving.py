"""What people have to say about a candidate: who must approve one that has passed, and the veto.

A say is a row; what follows from approvals is left to the round that next moves the trial on, so
that a candidate goes live by one way only, and never on evidence that has turned meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from alerts.wording import counted, rfc3339
from monitor.config_learn import LearnSection
from monitor.errors import LearnError
from monitor.store import standings, trials, votes
from monitor.store.engine import Transaction
from monitor.store.trials import State, Trial
from monitor.store.votes import Route, Say, Vote
from policy.gate.types import Ruling

log = structlog.get_logger()

LARGE = 0.10  # part of the stories labelled differently, beyond which one person is not enough
FEW = 20  # stories below which nobody knows what part it is: it counts as large
PATIENCE = timedelta(days=14)  # after which a candidate that nobody approves makes way

Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a ruling once people were asked."""

    state: State
    reasons: Sequence[str]
    by: str  # the gate, and who approved
    report: Report


@dataclass(frozen=True, slots=True)
class Said:
    """A say as it stands in the log, and how many of the approvals needed there are now."""

    vote: Vote
    new: bool  # False: it stood there already
    approvals: Sequence[Vote]
    needed: int


def needed(approvals: int, report: Report) -> int:
    """How many people must approve, by `learn.approvals` and by what the candidate changes."""
    effect = report.get("effect") or {}
    known = effect.get("stories", 0) >= FEW
    small = known and effect["differ"] <= LARGE
    return 2 if approvals == 1 and not small else approvals


def outcome(
    tx: Transaction, section: LearnSection, trial: Trial, ruling: Ruling, report: Report,
    now: datetime,
) -> Outcome:  # fmt: skip
    """Of the gate's ruling on an open trial. `report` is the trial's, with today's figures."""
    report = {name: each for name, each in report.items() if name != "passed"}
    if trial.kind == "probation" or ruling.state != "promoted":
        return Outcome(ruling.state, ruling.reasons, "gate", report)
    since = passed_at(trial) or now
    many, said = needed(section.approvals, report), standing(tx, trial)
    report["passed"] = {"at": since.isoformat(), "needed": many}
    if len(said) >= many:
        names = ", ".join(one.person for one in said)
        by = f"gate, approved by {names}" if said else "gate"
        return Outcome("promoted", ruling.reasons, by, report)
    newer = trials.waiting(tx, trial.trained_through).count
    if now >= since + PATIENCE and newer >= section.every_verdicts:
        late = f"not approved in {PATIENCE.days} days, and {newer:,} verdicts wait for the next one"
        return Outcome("refused", (late, *ruling.reasons), "gate", report)
    return Outcome("waiting", ruling.reasons, "gate", report)


def passed_at(trial: Trial) -> datetime | None:
    """Since when it waits; None where it does not."""
    passed = trial.report.get("passed") if trial.state == "waiting" else None
    return datetime.fromisoformat(passed["at"]) if passed else None


def standing(tx: Transaction, trial: Trial) -> list[Vote]:
    """The approvals that count: of this very content and proof, and none of an analyst who was
    found to answer falsely. They are one a person, by their ids."""
    content_and_proof = (trial.challenger, passed_at(trial))
    said = [
        one
        for one in votes.of(tx, trial.number)
        if one.answer == "approve" and (one.checkpoint, one.passed_at) == content_and_proof
    ]
    heard = honest(tx, [one.person for one in said])
    return [one for one in said if one.person in heard]


def honest(tx: Transaction, people: Sequence[str]) -> list[str]:
    """Those of them who were not found to answer falsely."""
    liars = {one.analyst.casefold() for one in standings.adversaries(tx)}
    return [one for one in people if one.casefold() not in liars]


def given(tx: Transaction, some: Sequence[Trial]) -> dict[int, list[Vote]]:
    """By trial: the approvals that count while it waits, all that were given once it is over."""
    said = votes.of_each(tx, [one.number for one in some])
    return {
        one.number: standing(tx, one)
        if one.state == "waiting"
        else [each for each in said[one.number] if each.answer == "approve"]
        for one in some
    }


def enough(tx: Transaction, trial: Trial) -> bool:
    """Whether a trial waits for nothing but a round to make its candidate live."""
    return trial.state == "waiting" and not missing(tx, trial)


def missing(tx: Transaction, trial: Trial) -> int:
    """How many approvals a trial still waits for."""
    if trial.state != "waiting":
        return 0
    needed_: int = trial.report["passed"]["needed"]
    return max(0, needed_ - len(standing(tx, trial)))


def reasons(trial: Trial, approvals: Sequence[Vote]) -> list[str]:
    """Why it ended as it did, or how far it is; `approvals` are those that count."""
    said = list(trial.reasons) or list(trial.report.get("far", ()))
    if trial.state == "waiting":
        people, many = [one.person for one in approvals], trial.report["passed"]["needed"]
        said.append(_in_words(trial.challenger, people, many))
    return said


def _in_words(challenger: str, people: Sequence[str], many: int) -> str:
    """What a candidate that has passed waits for."""
    by = f" ({', '.join(people)})" if people else ""
    have = f"passed its gate; {len(people)} of {counted(many, 'approval')}{by}"
    if len(people) >= many:
        return f"{have}: the next round makes it live"
    return f"{have}: `downdraft policy approve {challenger}` or `refuse` it, with --reason"


def on_trial(tx: Transaction, checkpoint: str) -> Trial | None:
    """The newest trial that a checkpoint stood in as a candidate."""
    stood = trials.of_challenger(tx, checkpoint)
    return stood[0] if stood else None


def approve(
    tx: Transaction, trial: Trial, person: str, reason: str, route: Route, now: datetime
) -> Said:
    """Takes an approval down; what the same person says twice is one.

    Raises LearnError, one line, where the candidate does not wait for it.
    """
    if trial.state != "waiting":
        raise LearnError(_not_waiting(trial))
    vote = _vote(trial, person, "approve", reason, route, now)
    new = votes.add(tx, vote)
    if new:
        log.info("learn.approved", candidate=trial.challenger, trial=trial.number, by=person)
    return Said(vote, new, standing(tx, trial), trial.report["passed"]["needed"])


def refuse(tx: Transaction, trial: Trial, person: str, reason: str, now: datetime) -> None:
    """Ends an open trial by hand, whatever the gate says. Raises LearnError where it is over."""
    why = f"refused by {person}: {reason}"
    if not trials.decide(tx, trial.number, "refused", [why], now):
        raise LearnError(_over(trials.get(tx, trial.number) or trial))
    votes.add(tx, _vote(trial, person, "refuse", reason, "shell", now))
    log.info("learn.vetoed", candidate=trial.challenger, trial=trial.number, by=person)


def _vote(trial: Trial, person: str, answer: Say, reason: str, route: Route, now: datetime) -> Vote:
    """Named after the time when it passed too: one that has to pass again is approved again."""
    since = passed_at(trial)
    name = "\0".join(
        (str(trial.number), trial.challenger, person.casefold(), answer, str(since or ""))
    )
    id_ = hashlib.sha256(name.encode()).hexdigest()[:32]
    return Vote(id_, trial.number, trial.challenger, since, person, answer, reason, route, now)


def _not_waiting(trial: Trial) -> str:
    if trial.state == "shadow":
        far = "; ".join(trial.report.get("far", ())) or "no verdict yet"
        return f"{trial.challenger}: has not passed its gate yet: {far}"
    return _over(trial)


def _over(trial: Trial) -> str:
    ended = rfc3339(trial.decided_at or trial.opened_at)
    if trial.state == "promoted":
        return (
            f"{trial.challenger}: went live {ended}; what is live is taken back with "
            "`downdraft policy rollback`"
        )
    why = trial.reasons[0] if trial.reasons else "no reason was kept"
    return f"{trial.challenger}: was refused already, {ended}: {why}"
