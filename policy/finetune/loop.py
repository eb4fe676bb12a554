"""The loop that teaches a policy: a step, a state on disk now and then, the audit after each epoch.

What a step minimises, each row of a batch counting the same:

    Σ verdicts  ω·loss of the learner          policy/learners/, on calibrated log-odds
  + Σ anchors   loss of the known labels       so that nothing is forgotten
  + Σ replayed  KL(π_ref ‖ π)                  anchors, and headlines that nobody has judged
  over the rows, + λ₀·‖Δθ‖²                    of the adapters' sum and the heads

Adapters and heads learn; embeddings and everything else stay. No dropout, so a step draws nothing
and a run that was killed needs no generator to go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from policy import resume
from policy.adapters import QUERY_AND_VALUE, adapt
from policy.batches import UNKNOWN, Rows
from policy.checkpoint import Temperatures
from policy.finetune.journal import Journal
from policy.finetune.judged import Judged
from policy.finetune.leash import Change, divergence
from policy.finetune.lesson import steps_of
from policy.finetune.odds import Odds, calibrated
from policy.finetune.panels import Panels, remember, remembered
from policy.finetune.settings import FinetuneSettings
from policy.learners.types import Feedback, Learner
from policy.model import TwoHeads, bfloat16_is_fast
from policy.trainer import Listener, Progress
from policy.verdicts import Head


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be learned, by whom, and how the outcome is looked at."""

    settings: FinetuneSettings
    learner: Learner
    judged: Judged
    aim: Odds  # log-probabilities of the judged rows that the learner starts from
    replay: Rows
    reference: Odds  # log-probabilities of the replayed rows before learning
    temperatures: Temperatures
    look: Callable[[TwoHeads], dict[str, Any]]  # an epoch's figures; the best has most of "score"
    listen: Callable[[TwoHeads], Panels]  # how far analysts are believed, by what is known now


class Loop:
    """A run of learning, which goes on where a killed one was."""

    def __init__(
        self,
        task: Task,
        model: TwoHeads,
        panels: Panels,
        device: torch.device,
        folder: Path,
        run: str,
    ) -> None:
        """`run` names all that decides the outcome: another run's state is not taken up."""
        self.task, self.device, self.folder = task, device, folder
        settings = task.settings
        torch.manual_seed(settings.seed)  # of the adapters' start
        model.encoder = adapt(model.encoder, settings.rank, QUERY_AND_VALUE, dropout=0.0)
        self.model = model.to(device).eval()
        self.change = Change(model.encoder, model.heads)
        self.optimizer = torch.optim.AdamW(self._groups(), weight_decay=0.0)
        self.state, self.best = resume.read(folder, run, model, self.optimizer)
        self.panels = remembered(folder) if self.state.curve else panels
        self.per_epoch = steps_of(settings, len(task.judged.rows))
        together = settings.anchors_a_batch * 2
        self._replayed = task.replay.shuffled(together, settings.seed, 0)
        self._half = bfloat16_is_fast(device)

    def fit(self, progress: Listener, journal: Journal, started: float) -> None:
        """To the end, or the deadline, or until the audit has not become likelier for a while.

        `started` is when the deadline's seconds began, by `time.perf_counter`.
        """
        settings, steps = self.task.settings, self.per_epoch * self.task.settings.epochs
        late = (settings.deadline_s or float("inf")) + started
        while self.state.step < steps and not self._stalled():
            epoch = self.state.step // self.per_epoch
            batches = self.task.judged.rows.shuffled(settings.judged_a_batch, settings.seed, epoch)
            for rows in batches[self.state.step - epoch * self.per_epoch :]:
                figures = self._step(rows, 1 - self.state.step / steps)
                journal.write(self.state.step, figures, "step/")
                done = (epoch + 1, settings.epochs, self.state.step, steps)
                progress(Progress("learning", *done, figures["loss"]))
                if time.perf_counter() > late:
                    break
            self._close(epoch, journal)
            if time.perf_counter() > late:
                return

    def finish(self) -> TwoHeads:
        """The best epoch's network, its adapters still on."""
        resume.restore(self.model, self.best)
        return self.model

    def _groups(self) -> list[dict[str, Any]]:
        settings = self.task.settings
        layers = [each for each in self.model.encoder.parameters() if each.requires_grad]
        heads = list(self.model.heads.parameters())
        return [
            {"params": layers, "peak": settings.adapter_rate},
            {"params": heads, "peak": settings.heads_rate},
        ]

    def _step(self, rows: np.ndarray, part: float) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * part
        terms = self._terms(rows)
        loss = terms["verdicts"] + terms["anchors"] + terms["kl"]
        loss = loss + self.task.settings.pull * terms["change"]
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.state.step += 1
        figures = {"loss": loss.item()} | {name: each.item() for name, each in terms.items()}
        self.state.loss += figures["loss"]
        if (
            self.state.step % self.task.settings.save_every == 0
            and self.state.step % self.per_epoch
        ):
            resume.write(self.folder, self.state, self.model, self.optimizer, self.best)
        return figures

    def _close(self, epoch: int, journal: Journal) -> None:
        state = self.state
        entry = {"epoch": epoch + 1, "loss": state.loss / (state.step - epoch * self.per_epoch)}
        entry |= self.task.look(self.model)
        if state.best < 0 or entry["score"] > state.curve[state.best]["score"]:
            state.best = len(state.curve)
            self.best = {k: each.clone() for k, each in resume.trainable(self.model).items()}
        if not state.curve:  # beliefs about the verdicts' rows are better now than the champion's
            self.panels = self.task.listen(self.model)
            remember(self.folder, self.panels)
        state.curve.append(entry)
        state.loss = 0.0
        journal.write(state.step, entry, "epoch/")
        resume.write(self.folder, state, self.model, self.optimizer, self.best)

    def _stalled(self) -> bool:
        finished = len(self.state.curve)
        return finished > 0 and finished - 1 - self.state.best >= self.task.settings.patience

    def _terms(self, rows: np.ndarray) -> dict[str, Tensor]:
        """The parts of the loss over one batch."""
        task = self.task
        held = self._replayed[self.state.step % len(self._replayed)]
        told = task.judged.about(rows)
        count = sum(len(feedback) for _, feedback in told.values()) + len(held)
        said = self._odds(task.judged.rows, rows)
        verdicts = [self._heard(head, said[head], rows, *told[head]) for head in told]
        odds = self._odds(task.replay, held)
        before = {head: each[held] for head, each in task.reference.items()}
        apart = [each.sum() for each in divergence(before, odds).values()]
        return {
            "verdicts": torch.stack(verdicts).sum() / count,
            "anchors": self._known(odds, held) / count,
            "kl": torch.stack(apart).sum() / count,
            "change": self.change().cpu(),
        }

    def _heard(
        self, head: Head, odds: Tensor, rows: np.ndarray, place: Tensor, feedback: Feedback
    ) -> Tensor:
        """The learner's loss over the verdicts on one head of a batch, summed."""
        aim = self.task.aim[head][rows].index_select(0, place)
        said = odds.index_select(0, place)
        return self.task.learner.loss(said, feedback, self.panels[head], aim) * len(feedback)

    def _known(self, odds: Odds, held: np.ndarray) -> Tensor:
        """The learner's loss of what is known about replayed rows, summed."""
        rows = self.task.replay
        truth = {"topic": rows.topics[held], "sentiment": rows.sentiments[held]}
        total = torch.zeros(())
        for head, each in odds.items():
            known = torch.from_numpy(np.flatnonzero(truth[head] != UNKNOWN))
            labels = torch.from_numpy(truth[head])[known]
            total = total + self.task.learner.anchor_loss(each[known], labels).sum()
        return total

    def _odds(self, rows: Rows, indices: np.ndarray) -> Odds:
        inputs = rows.batch(indices).to(self.device).inputs
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._half):
            logits = self.model(inputs)
        targeted = torch.from_numpy(rows.targeted[indices]).to(self.device)
        said = calibrated(logits, targeted, self.task.temperatures)
        return {head: each.cpu() for head, each in said.items()}
