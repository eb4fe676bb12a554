"""The training loop: a step, a state on disk now and then, a score after each epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor, nn

from policy import resume
from policy.adapters import adapt, merge
from policy.batches import UNKNOWN, Batch, Beliefs, Rows
from policy.calibrate import temperature
from policy.checkpoint import Temperatures
from policy.encoder import Base
from policy.evaluate import figures
from policy.losses import loss_of
from policy.model import TwoHeads, bfloat16_is_fast, freeze_embeddings
from policy.settings import Settings
from policy.types import SENTIMENTS

_WIDTH = 384  # of the encoder that the rates were found for
_SCORED = {"topic": "accuracy", "sentiment": "macro_f1", "sentiment_target": "macro_f1"}
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training stands, after each step."""

    stage: str  # what is being done: "training", "fold 1 of 2", "asking the teacher"
    epoch: int  # from 1
    epochs: int
    step: int  # over all epochs
    steps: int
    loss: float


Listener = Callable[[Progress], None]


class Trainer:
    """The loop: a step, a state on disk now and then, a score after each epoch."""

    def __init__(
        self,
        settings: Settings,
        base: Base,
        rows: Rows,
        held: Rows,
        device: torch.device,
        folder: Path,
        run: str,
        stage: str = "training",
    ) -> None:
        """Trains on `rows`, is scored on `held`; `run` names all that decides the outcome."""
        self.settings, self.device, self.folder, self.stage = settings, device, folder, stage
        self.rows, self.held = rows, held
        torch.manual_seed(settings.seed)
        layers = adapt(base.encoder, settings.lora_rank) if settings.lora_rank else base.encoder
        freeze_embeddings(layers)
        self.model = TwoHeads(layers, base.hidden).to(device)
        self.half = bfloat16_is_fast(device)
        self.optimizer = torch.optim.AdamW(self._groups(), weight_decay=0.01, fused=True)
        self.per_epoch = math.ceil(len(self.rows) / settings.batch)
        self.state, self.best = resume.read(folder, run, self.model, self.optimizer)

    def fit(self, progress: Listener) -> None:
        """Trains to the end, or until the score has not risen for `patience` epochs."""
        settings, steps = self.settings, self.per_epoch * self.settings.epochs
        while self.state.step < steps and not self._stalled():
            epoch = self.state.step // self.per_epoch
            for indices in self._remaining(epoch):
                loss = self._step(self.rows.batch(indices).to(self.device), steps)
                done = (epoch + 1, settings.epochs, self.state.step, steps)
                progress(Progress(self.stage, *done, loss))
            self._close(epoch)

    def finish(self) -> Finished:
        """The best epoch's policy, calibrated on the held-out rows."""
        resume.restore(self.model, self.best)
        self.model.choose_likeliest()
        if self.settings.lora_rank:
            self.model.encoder = merge(self.model.encoder)
        topic, sentiment = self._logits()
        targeted, every = self.held.targeted, np.ones(len(self.held), dtype=np.bool_)
        temperatures = Temperatures(
            _fit(topic, self.held.topics, every),
            _fit(sentiment, self.held.sentiments, ~targeted),
            _fit(sentiment, self.held.sentiments, targeted),
        )
        beliefs = Beliefs(
            softmax(topic / temperatures.topic, axis=1),
            softmax(sentiment / temperatures.of_sentiment(targeted), axis=1),
        )
        return Finished(self.model, temperatures, beliefs, self._figures(beliefs))

    def _groups(self) -> list[dict[str, Any]]:
        rank = self.settings.lora_rank
        rate = self.settings.adapter_rate if rank else self.settings.layers_rate
        layers = [each for each in self.model.encoder.parameters() if each.requires_grad]
        heads = list(self.model.heads.parameters())
        rate *= min(1.0, (_WIDTH / self.model.heads.get_parameter("topic.weight").shape[1]) ** 2)
        return [
            {"params": layers, "peak": rate, "lr": 0.0},
            {"params": heads, "peak": self.settings.heads_rate, "lr": 0.0},
        ]

    def _remaining(self, epoch: int) -> Iterator[Array]:
        batches = self.rows.shuffled(self.settings.batch, self.settings.seed, epoch)
        yield from batches[self.state.step - epoch * self.per_epoch :]

    def _step(self, batch: Batch, steps: int) -> float:
        self.model.train()
        torch.manual_seed(self.settings.seed * 1_000_003 + self.state.step)  # dropout
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * _schedule(self.state.step, steps, self.settings.warmup)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            topic, sentiment, *_ = self.model(batch.inputs)
        loss = loss_of(topic.float(), sentiment.float(), batch)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.state.step += 1
        self.state.loss += loss.item()
        if self.state.step % self.settings.save_every == 0 and self.state.step % self.per_epoch:
            self._keep()
        return loss.item()

    def _close(self, epoch: int) -> None:
        metrics = self._figures(Beliefs(*(softmax(each, axis=1) for each in self._logits())))
        entry = {"epoch": epoch + 1, "loss": self.state.loss / self.per_epoch, **metrics}
        entry["score"] = score(metrics)
        best = self.state.best
        if best < 0 or entry["score"] > self.state.curve[best]["score"]:
            self.state.best = epoch
            self.best = {k: each.clone() for k, each in resume.trainable(self.model).items()}
        self.state.curve.append(entry)
        self.state.loss = 0.0
        self._keep()

    def _keep(self) -> None:
        resume.write(self.folder, self.state, self.model, self.optimizer, self.best)

    def _stalled(self) -> bool:
        finished = len(self.state.curve)
        return finished > 0 and finished - 1 - self.state.best >= self.settings.patience

    @torch.inference_mode()
    def _logits(self) -> tuple[Array, Array]:
        logits = self.model.answer(pool_rows(self.model, self.held, self.device))
        return logits.topic.double().cpu().numpy(), logits.sentiment.double().cpu().numpy()

    def _figures(self, beliefs: Beliefs) -> dict[str, Any]:
        said = (beliefs.topics.argmax(1), beliefs.sentiments.argmax(1))
        return figures_by_head(self.held, beliefs, said)


@torch.no_grad()
def pool_rows(model: TwoHeads, rows: Rows, device: torch.device) -> Tensor:
    """The encoder's answer for every row (N, D) in fp32, on the device."""
    model.eval()
    pooled: Tensor | None = None
    for indices in rows.in_order_of_length(128):
        inputs = rows.batch(indices).to(device).inputs
        with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16_is_fast(device)):
            answer = model.pool(inputs).float()
        if pooled is None:
            pooled = answer.new_empty((len(rows), answer.shape[1]))
        pooled[torch.from_numpy(indices)] = answer
    assert pooled is not None
    return pooled


@dataclass(frozen=True, slots=True)
class Finished:
    """What training came to."""

    model: TwoHeads
    temperatures: Temperatures
    beliefs: Beliefs  # calibrated, about the held-out rows
    metrics: dict[str, Any]  # of the likeliest labels


def figures_by_head(
    held: Rows, beliefs: Beliefs, said: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> dict[str, Any]:
    """Figures of labels given; sentiment of whole headlines and towards targets apart."""
    judged = held.sentiments != UNKNOWN
    topic, sentiment = (beliefs.topics, said[0]), (beliefs.sentiments, said[1])
    heads = {
        "topic": (*topic, held.topics, held.topics != UNKNOWN),
        "sentiment": (*sentiment, held.sentiments, judged & ~held.targeted),
        "sentiment_target": (*sentiment, held.sentiments, judged & held.targeted),
    }
    return {
        name: _brief(chances[rows], labels[rows], truth[rows])
        for name, (chances, labels, truth, rows) in heads.items()
        if rows.any()
    }


def _brief(chances: Array, said: NDArray[np.int64], truth: NDArray[np.int64]) -> dict[str, Any]:
    """Of topics without their confusion: 400 counts that nobody reads."""
    full = figures(chances, said, truth)
    if chances.shape[1] > len(SENTIMENTS):
        del full["confusion"]
    return {"rows": len(truth)} | full


def score(metrics: Mapping[str, Any]) -> float:
    """What early stopping watches: topic accuracy and sentiment macro-F1, averaged."""
    return float(np.mean([metrics[name][_SCORED[name]] for name in _SCORED if name in metrics]))


def _schedule(step: int, steps: int, warmup: float) -> float:
    """Part of the peak rate: up in a line, down along a cosine to zero."""
    rise = max(1, round(steps * warmup))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def _fit(logits: Array, truth: Array, rows: NDArray[np.bool_]) -> float:
    """On the `rows` whose truth is known; on all such where there is none among them."""
    known = truth != UNKNOWN
    used = known & rows if (known & rows).any() else known
    return temperature(logits[used], truth[used])
