"""A trial moved on: new headlines to the challenger, new verdicts to the gate, and what it rules.

A ruling, the judgements that it rests on and what follows from it are one transaction: killed
before it, the next round comes to the same; after it, there is nothing left to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import structlog

from monitor.learning import approving, promoting
from monitor.learning.approving import Outcome
from monitor.learning.believed import Judges
from monitor.learning.due import PROBATION, TRIAL
from monitor.learning.effect import effect
from monitor.learning.judging import judge
from monitor.learning.setting import Decision, Round
from monitor.learning.shadow import catch_up
from monitor.store import trials, verdicts
from monitor.store.engine import Transaction
from monitor.store.trials import Judged, Judgement, Trial
from monitor.store.verdicts import Numbered
from policy.errors import CheckpointError
from policy.gate.types import Comparison, Ruling
from policy.verdicts import Head

log = structlog.get_logger()

_HEADLINES = 20_000  # that a challenger is asked about in one round; the next one goes on


@dataclass(frozen=True, slots=True)
class _Seen:
    """What has come in since the last look, and what it says."""

    through: int  # verdict.number
    new: Sequence[Judgement]
    all: Sequence[Judged]


def move(this: Round, trial: Trial, who: Judges) -> Decision | None:
    """None while the trial is undecided.

    Raises CheckpointError where the champion cannot be opened: that is for a person to mend.
    """
    this.bench.of(trial.champion)
    try:
        challenger = this.bench.of(trial.challenger)
    except CheckpointError as error:
        return _settle(this, trial, Ruling(_gone(trial), (str(error),), {}), _Seen(0, (), ()))
    name = f"asking {trial.challenger} about the news"
    catch_up(
        this.store, challenger.policy, this.clock(), lambda n: this.show(name, n, n), _HEADLINES
    )
    seen = _look(this, trial, who)
    return _settle(this, trial, rule(this, trial, seen.all), seen)


def _gone(trial: Trial) -> Literal["refused", "kept"]:
    """A candidate that cannot be opened any more cannot go live; what is live stays."""
    return "refused" if trial.kind == "promotion" else "kept"


def _look(this: Round, trial: Trial, who: Judges) -> _Seen:
    with this.store.read() as tx:
        log_ = verdicts.logged(tx, trial.looked_through)
        some = _unlearned(tx, trial, [each for each in log_ if who.may(each.verdict.analyst)])
        old = [each for each in trials.judged(tx, trial.number) if not who.lies(each.analyst)]
        habits = trials.habits(tx, trial.looked_through)
    champion, challenger = this.bench.of(trial.champion), this.bench.of(trial.challenger)
    new = judge(trial.number, some, champion, challenger, habits)
    through = log_[-1].number if log_ else trial.looked_through
    return _Seen(through, new, [*old, *_judged(new, some)])


def _unlearned(tx: Transaction, trial: Trial, log_: Sequence[Numbered]) -> list[Numbered]:
    """Without what either of the two was trained on."""
    texts = list({each.verdict.text for each in log_})
    known = trials.learned_from(tx, texts, trial.trained_through)
    return [each for each in log_ if each.verdict.text not in known]


def _judged(rows: Iterable[Judgement], log_: Iterable[Numbered]) -> list[Judged]:
    """Judgements as the store will give them back."""
    of = {each.number: each.verdict for each in log_}
    return [
        Judged(
            row.z,
            row.verdict,
            of[row.verdict].analyst,
            of[row.verdict].head,
            of[row.verdict].text,
            of[row.verdict].target,
            row.champion_label,
            row.challenger_label,
        )
        for row in rows
    ]


def rule(this: Round, trial: Trial, judged: Sequence[Judged]) -> Ruling:
    """The gate's answer."""
    from policy.gate import probation, promotion

    some = [_comparison(each) for each in judged]
    if trial.state == "waiting":
        return promotion.again(some, trial.test)
    if trial.kind == "promotion":
        return _in_time(this, trial, promotion.rule(some, trial.test))
    return probation.watch(some, this.clock() >= trial.opened_at + PROBATION)


def _in_time(this: Round, trial: Trial, ruling: Ruling) -> Ruling:
    """A candidate that differs too rarely to be judged does not keep the next one waiting."""
    if ruling.state != "shadow" or this.clock() < trial.opened_at + TRIAL:
        return ruling
    with this.store.read() as tx:
        newer = trials.waiting(tx, trial.trained_through).count
    if newer < this.settings.learn.every_verdicts:
        return ruling
    why = f"not decided in {TRIAL.days} days, and {newer:,} verdicts wait for the next candidate"
    return replace(ruling, state="refused", reasons=(why, *ruling.reasons))


def _comparison(one: Judged) -> Comparison:
    head: Head = "topic" if one.head == "topic" else "sentiment"
    return Comparison(
        one.z, one.analyst, head, one.text, one.target, one.champion_label, one.challenger_label
    )  # fmt: skip


def _settle(this: Round, trial: Trial, ruling: Ruling, seen: _Seen) -> Decision | None:
    report = {**trial.report, "gate": dict(ruling.figures), "far": list(ruling.reasons)}
    if trial.kind == "promotion" and _is_to_be_measured(this, trial, ruling):
        sides = (trial.champion, trial.challenger)
        report["effect"] = effect(this.store, this.settings, *sides, this.clock())
    with this.store.write() as tx:
        current = trials.get(tx, trial.number)
        if current is None or (current.state, current.looked_through) != (
            trial.state,
            trial.looked_through,
        ):
            return None  # somebody else has looked meanwhile
        trials.add_judgements(tx, seen.new)
        done = approving.outcome(tx, this.settings.learn, trial, ruling, report, this.clock())
        still: trials.State = "waiting" if done.state == "waiting" else "shadow"
        through = max(seen.through, trial.looked_through)
        trials.note(tx, trial.number, through, done.report, still)
        if done.state not in trials.OPEN and not _decide(this, tx, trial, done):
            return None  # refused by hand at this very moment
    return _told(trial, done)


def _is_to_be_measured(this: Round, trial: Trial, ruling: Ruling) -> bool:
    """Once as a trial begins and as the gate decides; and again as what was approved goes live."""
    if trial.state == "waiting" and ruling.state == "promoted":
        with this.store.read() as tx:
            return approving.enough(tx, trial)
    return ruling.state != "shadow" or "effect" not in trial.report


def _told(trial: Trial, done: Outcome) -> Decision | None:
    known = {"trial": trial.number, "state": done.state, "reasons": list(done.reasons)}
    if done.state in trials.OPEN:
        if done.state != trial.state:
            log.info("learn.moved", **known)
        return None
    log.info("learn.decided", **known)
    return Decision(trial.kind, trial.challenger, trial.champion, done.state, done.reasons)


def _decide(this: Round, tx: Transaction, trial: Trial, done: Outcome) -> bool:
    """The row of the trial, and where something goes live the row that says so; False where the
    trial is over already."""
    now = this.clock()
    if not trials.decide(tx, trial.number, done.state, done.reasons, now):
        return False
    why = done.reasons[0] if done.reasons else done.state
    if done.state == "promoted":
        promoting.promote(tx, trial.challenger, trial.champion, why, done.by, now)
    if done.state == "rolled_back":
        promoting.roll_back(tx, trial.champion, why, done.by, now)
    return True
