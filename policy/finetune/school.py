"""A champion, a lesson, and what the one says of the other before anything is learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from policy.batches import Rows
from policy.checkpoint import Loaded, Temperatures
from policy.errors import DataError
from policy.finetune.hearing import panel_of
from policy.finetune.imitate import Imitate, aims
from policy.finetune.judged import judged
from policy.finetune.lesson import Lesson
from policy.finetune.loop import Loop, Task
from policy.finetune.odds import Odds, log_chances, odds_of, states_of
from policy.finetune.outcome import Yardstick
from policy.finetune.panels import Panels
from policy.finetune.settings import FinetuneSettings
from policy.learners.registry import learner
from policy.learners.types import Learner
from policy.model import TwoHeads
from policy.verdicts import LABELS, Head


class School:
    """Everything that a loop is made from, and that its outcome is measured by."""

    def __init__(
        self, settings: FinetuneSettings, loaded: Loaded, lesson: Lesson, device: torch.device
    ) -> None:
        self.settings, self.lesson, self.device = settings, lesson, device
        self.model, self.temperatures = loaded.model.to(device), loaded.temperatures
        self.learned = judged(lesson.learned, loaded.tokens)
        self.aside = judged(lesson.aside, loaded.tokens)
        held = lesson.replay
        self.replay = Rows(held.trained, loaded.tokens)
        watched = Rows([*held.anchors, *held.headlines], loaded.tokens)
        self.watched = watched if len(watched) else self.aside.rows
        self.unjudged = slice(len(held.anchors) if held.headlines else 0, None)
        before = self._said(self.model)
        self.reference = log_chances(before[0])
        self.aside_before = before[1]
        self.watched_before = odds_of(self.model, self.watched, self.temperatures, device)
        self.panels = self._heard(*before)

    def loop(self, folder: Path, run: str) -> Loop:
        """The loop over a task; the model is now its own. Takes up what `folder` holds of `run`."""
        teacher = chosen(self.settings)
        aim = self.reference
        if teacher.separate:
            states = states_of(self.model, self.learned.rows, self.device)
            aim = aims(teacher, self.learned, states, self.reference, self.panels)
        task = Task(
            self.settings,
            Imitate() if teacher.separate else teacher,
            self.learned,
            aim,
            self.replay,
            log_chances(odds_of(self.model, self.replay, self.temperatures, self.device)),
            self.temperatures,
            self.yardstick().look,
            self._listen,
        )
        return Loop(task, self.model, self.panels, self.device, folder, run)

    def yardstick(self, temperatures: Temperatures | None = None) -> Yardstick:
        """Of policies at `temperatures`, or at the champion's."""
        return Yardstick(
            self.aside,
            self.panels,
            self.watched,
            self.unjudged,
            log_chances(self.watched_before),
            temperatures or self.temperatures,
            self.device,
        )

    def moved(self, model: TwoHeads, temperatures: Temperatures) -> dict[Head, float]:
        """How far `model` is from the champion on headlines that nobody judged, in nats a head."""
        said = odds_of(model, self.watched, temperatures, self.device)
        return self.yardstick().moved(said)

    def before(self) -> dict[str, Any]:
        """The champion's own figures."""
        return self.yardstick().figures(self.aside_before, self.watched_before)

    def _heard(self, learned: Odds, aside: Odds) -> Panels:
        """How far analysts are believed, by all they said beside what a policy says of it."""
        parts = [(self.learned, log_chances(learned)), (self.aside, log_chances(aside))]
        return {head: panel_of(head, parts, self.lesson.gold[head]) for head in LABELS}

    def _listen(self, model: TwoHeads) -> Panels:
        return self._heard(*self._said(model))

    def _said(self, model: TwoHeads) -> tuple[Odds, Odds]:
        rows = (self.learned.rows, self.aside.rows)
        learned, aside = (odds_of(model, each, self.temperatures, self.device) for each in rows)
        return learned, aside


def chosen(settings: FinetuneSettings) -> Learner:
    """Raises DataError for an unknown learner, or one that cannot `improve`."""
    if not settings.improve:
        return learner(settings.learner)
    if settings.learner != "verdict_likelihood":
        raise DataError(f"improve goes with verdict_likelihood, not with {settings.learner}")
    return learner(settings.learner, improve=True)
