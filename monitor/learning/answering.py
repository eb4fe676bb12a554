"""A round told: the fields that scripts read, and the sentences that people do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from alerts.wording import rfc3339
from monitor.learning import approving, due
from monitor.learning.setting import Answer, Decision, Round, State
from monitor.live_policy import live
from monitor.store import learning, standings, trials, verdicts
from monitor.store.engine import Transaction
from monitor.store.trials import Trial

_FEW = "no verdicts yet; they come from the review page, the API, or `downdraft feedback import`"


def answer(
    this: Round, decisions: Sequence[Decision], trained: Trial | None, why_not: str
) -> Answer:
    """Of what was decided, else of the trial that is open, else of nothing."""
    with this.store.read() as tx:
        known, serves = due.read(tx), live(tx, this.settings).checkpoint
        trial = trained or _told(tx, decisions, known)
        if trial is None:
            lines = [why_not] if why_not else [_why_idle(tx, known)]
            lines = [*(_line(each) for each in decisions), *lines]
            return Answer(
                this.taught_by, known.waiting.count, "", "idle", lines, _who(tx), serves, decisions
            )
        return _of_trial(tx, this, trial, serves, decisions)


def _told(tx: Transaction, decisions: Sequence[Decision], known: due.Known) -> Trial | None:
    """The candidate's trial that this round is about."""
    if any(each.kind == "promotion" for each in decisions):
        return trials.newest(tx, "promotion")
    return next((one for one in known.open if one.kind == "promotion"), None)


def _of_trial(
    tx: Transaction, this: Round, trial: Trial, serves: str, decisions: Sequence[Decision]
) -> Answer:
    candidate = learning.find_checkpoint(tx, trial.challenger)
    reasons = approving.reasons(trial, approving.standing(tx, trial))
    reasons += [_line(each) for each in decisions if each.kind == "probation"]
    return Answer(
        candidate.learner if candidate else this.taught_by,
        verdicts.count(tx, trial.trained_through),
        trial.challenger,
        _state(trial),
        reasons,
        {"trial": trial.number, "test": trial.test, **trial.report, **_who(tx)},
        serves,
        decisions,
    )


def _state(trial: Trial) -> State:
    """In the four words that scripts know: one that waits for approval is not live yet."""
    if trial.state in trials.OPEN:
        return "shadow"
    return "promoted" if trial.state == "promoted" else "refused"


def _line(decision: Decision) -> str:
    done = decision.state.replace("_", " ")
    return f"{decision.champion} {done}: {'; '.join(decision.reasons)}"


def _who(tx: Transaction) -> dict[str, Any]:
    """Who is not believed."""
    known = standings.latest(tx)
    return {"analysts": {one.analyst: one.standing for one in known}} if known else {}


def _why_idle(tx: Transaction, known: due.Known) -> str:
    last = trials.newest(tx, "promotion")
    if not known.waiting.count and last is None:
        return _FEW
    if not known.waiting.count and last:
        return (
            f"no verdicts since the last training ({last.challenger}, {last.state}"
            f" {rfc3339(last.decided_at or last.opened_at)})"
        )
    return f"{known.waiting.count} new verdicts: no training is due yet"


def nothing(this: Round, known: due.Known, lines: Sequence[str]) -> Answer:
    """Of a look that changes nothing."""
    with this.store.read() as tx:
        serves = live(tx, this.settings).checkpoint
        said = list(lines) or [f"would do nothing: {_why_idle(tx, known)}"]
    opened = next((one for one in known.open if one.kind == "promotion"), None)
    return Answer(
        this.taught_by,
        known.waiting.count,
        opened.challenger if opened else "",
        "shadow" if opened else "idle",
        said,
        {"dry_run": True},
        serves,
    )


def document(said: Answer) -> dict[str, Any]:
    """For JSON."""
    return asdict(said)
