"""One learner through one course: label shown, answer, lesson, and so on to the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from policy.bandit.accusing import exposure
from policy.bandit.arms import ANALYSTS, Arm
from policy.bandit.course import Course, Rows
from policy.bandit.desk import Desk
from policy.bandit.figures import figures
from policy.bandit.memory import Known, Memory
from policy.bandit.pupil import Pupil, Student
from policy.bandit.roster import student
from policy.learners.gather import doubt_about_propensities
from policy.learners.linear import Anchors, log_policy
from policy.learners.pull import choose_start, fit_known, tempered
from policy.learners.verdict_likelihood import VerdictLikelihood

_FIRST, _GROWTH = 30, 1.3  # verdicts before the first lesson, and how the gaps then grow
_POINTS = 30  # of a curve
Record = dict[str, Any]


def play(name: str, led: Course, arm: Arm, seed: int) -> Record:
    """Figures and curve of one learner: the same arguments give the same bits."""
    torch.set_num_threads(1)  # the order of sums is part of the answer
    pupil = student(name, led, seed)
    desk = Desk(arm, led.stream.truth.numpy(), led.named, led.labels, seed)
    before = pupil.log_chances(led.test.features)
    replayed = pupil.log_chances(led.warm.features)
    run = _Run(pupil, led, arm, desk, before)
    curve = [run.measured(0), *run.taught()]
    final = run.measured(len(led.stream))
    return {
        **{key: value for key, value in final.items() if key != "verdicts"},
        "online_reward": run.reward(),
        "verdicts": len(run.heard().rows),
        "replayed_before": _accuracy(replayed, led.warm),
        "replayed_after": _accuracy(pupil.log_chances(led.warm.features), led.warm),
        "curve": [*curve, final],
        **run.told(),
    }


class _Run:
    """A student, a desk, and what has passed between them."""

    def __init__(self, pupil: Student, led: Course, arm: Arm, desk: Desk, before: Tensor) -> None:
        self.pupil, self.led, self.arm, self.desk = pupil, led, arm, desk
        self.before = before  # log-probabilities of the test under the frozen policy
        self._memory = Memory(led.stream.features, led.labels)
        self._right: list[Tensor] = []

    def taught(self) -> Iterator[Record]:
        """Through the stream; a point of the curve every thirtieth of it."""
        rows = len(self.led.stream)
        due = [round(rows * part / _POINTS) for part in range(1, _POINTS)]
        news = 0 if self.led.newcomer is None else self.led.half
        pieces = chain(
            _pieces(0, news, self.pupil.patience), _pieces(news, rows, self.pupil.patience)
        )
        for piece in pieces:
            self._review(piece)
            self._lesson(piece.stop, last=piece.stop == rows)
            if due and piece.stop >= due[0] and piece.stop < rows:
                due = [each for each in due if each > piece.stop]
                yield self.measured(piece.stop)

    def _review(self, piece: slice) -> None:
        features, truth = self.led.stream.features[piece], self.led.stream.truth[piece]
        beliefs = self.pupil.log_chances(features)
        there = self.led.there(torch.tensor([piece.start]))[0]
        shown, propensities = self.pupil.select(features, there)
        logged = propensities.gather(1, shown[:, None]).squeeze(1)
        if self.arm.broken == "propensities":
            logged = torch.full_like(logged, 1 / self.led.labels)
        answers = self.desk.answer(piece, shown.numpy())
        self._memory.add(piece, shown, logged, beliefs, answers)
        self._right.append(shown == truth)

    def _lesson(self, at: int, *, last: bool) -> None:
        come = self.heard(at if last else at - self.arm.late)
        if len(come.rows):
            named = torch.from_numpy(self.led.named)[come.rows]
            self.pupil.learn(come, named, last=last)

    def heard(self, until: int | None = None) -> Known:
        rows = len(self.led.stream) if until is None else until
        return self._memory.known(rows)

    def reward(self) -> float:
        return float(torch.cat(self._right).double().mean())

    def measured(self, verdicts: int) -> Record:
        told = self.pupil.log_chances(self.led.test.features)
        found: Record = {"verdicts": verdicts, **figures(told, self.led.test.truth, self.before)}
        if verdicts:
            found["reward"] = self.reward()
        if self.led.newcomer is not None:
            found["new_recall"] = _recall(told, self.led)
            stream = self.led.stream.truth[:verdicts]
            found["new_verdicts"] = int((stream == self.led.newcomer).sum())
        return found

    def told(self) -> Record:
        """What the desk and the log look like from behind."""
        everything, arm = self.heard(), self.arm
        found: Record = {"doubt": doubt_about_propensities(everything.feedback, everything.beliefs)}
        if arm.adversaries:
            named = torch.from_numpy(self.led.named)[everything.rows]
            found |= exposure(everything, named, arm.adversaries, ANALYSTS)
            said = self.pupil.log_chances(self.led.test.features).argmax(1)
            aimed = torch.from_numpy(self.led.test_named)
            lost = (self.before.argmax(1) == self.led.test.truth) & (said != self.led.test.truth)
            found["named_flips"] = float(lost[aimed].double().mean()) if aimed.any() else 0.0
        if isinstance(self.pupil, Pupil):
            found |= {"pull": self.pupil.choice.pull, "temperature": self.pupil.choice.temperature}
        return found


def ends(led: Course) -> dict[str, Record]:
    """The two ends of the scale: the warm start frozen, and the same head on all true labels.

    Both choose their pull by cross-validation, temperature included.
    """
    torch.set_num_threads(1)
    both = Rows(
        torch.cat([led.warm.features, led.stream.features]),
        torch.cat([led.warm.truth, led.stream.truth]),
    )
    frozen = _supervised(led.warm, led)
    skyline = _supervised(both, led)
    truth = led.test.truth
    found: dict[str, Record] = {}
    for name, told in (("frozen", frozen), ("skyline", skyline)):
        found[name] = {**figures(told, truth, frozen)}
        if led.newcomer is not None:
            found[name]["new_recall"] = _recall(told, led)
    return found


def _recall(log_chances: Tensor, led: Course) -> float:
    """Of the test rows that bear the new label, those that are given it."""
    new = led.test.truth.eq(-1 if led.newcomer is None else led.newcomer)
    return float(log_chances.argmax(1)[new].eq(led.newcomer or 0).double().mean())


def _supervised(rows: Rows, led: Course) -> Tensor:
    """Log-probabilities on the test of a head that was told the labels of these rows."""
    learner, anchors = VerdictLikelihood(), Anchors(rows.features, rows.truth)
    choice = choose_start(learner, anchors, led.labels)
    head = fit_known(learner, anchors, led.labels, choice.pull)
    return tempered(log_policy(learner, head, led.test.features), choice.temperature)


def _pieces(start: int, end: int, patience: int) -> Iterator[slice]:
    """The stream in pieces: short ones at first, when each verdict teaches most."""
    gap = float(min(_FIRST, patience))
    while start < end:
        stop = min(start + int(gap), end)
        yield slice(start, stop)
        start, gap = stop, min(gap * _GROWTH, patience)


def _accuracy(log_chances: Tensor, rows: Rows) -> float:
    return float((log_chances.argmax(1) == rows.truth).double().mean())
