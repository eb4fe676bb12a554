"""One round of learning: standings, open trials, a training where one is wanted, cards, old files.

What decides is in the store and in learn.folder, nothing in memory: killed anywhere, the next
round begins again from what was written and comes to the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from monitor.learning import believed, cards, due, promoting, schooling
from monitor.learning.answering import answer, nothing
from monitor.learning.believed import Judges
from monitor.learning.freezing import freeze
from monitor.learning.lease import held
from monitor.learning.pruning import prune
from monitor.learning.setting import Answer, Decision, Round
from monitor.learning.trying import move
from monitor.live_policy import Live, live
from monitor.store import learn_lease, learning, trials
from monitor.store.trials import Trial
from policy.errors import CheckpointError, DataError

_PAUSE = timedelta(hours=1)  # after verdicts that cannot be learned from


def run(this: Round, holder: str) -> Answer:
    """Raises LearnError where another round runs or learn.folder cannot be used, DataError for a
    broken file of anchors, CheckpointError where what is live cannot be opened."""
    with held(this.store, holder, this.clock), schooling.in_folder(this):
        return _run(this)


def _run(this: Round) -> Answer:
    champion = _champion(this)
    who = believed.judges(this)
    decisions = _moved_on(this, who)
    why_not, trial = "", None
    if all(each.state == "kept" for each in decisions):
        trial, why_not = _taught(this, champion, who)
    with this.store.write() as tx:
        learn_lease.note_success(tx, this.clock())
        if why_not and not this.asked:
            learn_lease.put_off(tx, this.clock() + _PAUSE)
    cards.bring_up_to_date(this.store, this.settings)
    prune(this.store, this.settings, this.clock())
    said = answer(this, decisions, trial, why_not)
    return replace(said, reasons=[*said.reasons, *who.doubts])


def would(this: Round) -> Answer:
    """What a round would do now. Writes nothing."""
    with this.store.read() as tx:
        serves = live(tx, this.settings).checkpoint
        known = due.read(tx)
    lines = [
        f"would judge {one.challenger} against {one.champion} by {known.unseen} new verdicts"
        for one in known.open
    ]
    if why := _wanted(this, known, serves):
        lines.append(f"would train a candidate with {this.taught_by}: {why}")
    return nothing(this, known, lines)


def move_on(this: Round, number: int, holder: str) -> None:
    """One trial moved on, and nothing else; raises as `run` does."""
    with held(this.store, holder, this.clock):
        _champion(this)
        _move(this, number, believed.judges(this))
        cards.bring_up_to_date(this.store, this.settings)


def _champion(this: Round) -> Live:
    with this.store.write() as tx:
        serves = live(tx, this.settings)
        if not serves.checkpoint:
            raise CheckpointError(f"{serves.path}: no checkpoint; see policy.checkpoint")
        promoting.settle(tx, serves.checkpoint, this.clock())
    return serves


def _moved_on(this: Round, who: Judges) -> list[Decision]:
    """Probation first: what is rolled back takes the candidates that followed it along."""
    with this.store.read() as tx:
        numbers = [
            one.number
            for one in sorted(trials.open_trials(tx), key=lambda t: t.kind == "promotion")
        ]
    return [each for number in numbers if (each := _move(this, number, who))]


def _move(this: Round, number: int, who: Judges) -> Decision | None:
    with this.store.read() as tx:
        trial = trials.get(tx, number)
    return move(this, trial, who) if trial and trial.state in trials.OPEN else None


def _taught(this: Round, champion: Live, who: Judges) -> tuple[Trial | None, str]:
    """A new candidate's trial, or why there is none although one is wanted."""
    with this.store.read() as tx:
        known = due.read(tx)
    request = schooling.open_request(this, champion.checkpoint)
    if request is None:
        schooling.forget(this)
    if not _wanted(this, known, champion.checkpoint):
        return None, ""
    request = request or schooling.begin(this, champion.checkpoint, who.liars)
    given = schooling.material(this, request)
    try:
        path = schooling.trained(this, request, champion, given)
    except DataError as error:
        schooling.forget(this)
        return None, str(error)
    trial = freeze(this, request, path, given)
    schooling.forget(this)
    if trial.state == "shadow":
        move(this, trial, who)
        with this.store.read() as tx:
            trial = trials.get(tx, trial.number) or trial
    return trial, ""


def _wanted(this: Round, known: due.Known, champion: str) -> str:
    """Why a candidate should be trained now, or ""."""
    if any(one.kind == "promotion" for one in known.open):
        return ""
    if schooling.open_request(this, champion):
        return "a training was cut short"
    if not this.asked:
        return due.training(known, this.settings.learn, this.clock())
    if known.waiting.count:
        return f"{known.waiting.count:,} new verdicts"
    return _other_learner(this)


def _other_learner(this: Round) -> str:
    """The same verdicts again, where a person names another learner."""
    with this.store.read() as tx:
        last = trials.newest(tx, "promotion")
        taught = learning.find_checkpoint(tx, last.challenger) if last else None
    if taught and this.learner and taught.learner != this.learner:
        return f"the last candidate was taught by {taught.learner}"
    return ""
