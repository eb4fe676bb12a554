"""The training loop: a step, a state on disk now and then, a score after each epoch."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from policy import resume
from policy.adapters import adapt, merge
from policy.augment import augment
from policy.batches import UNKNOWN, Batch, Rows
from policy.calibrate import temperature
from policy.checkpoint import Temperatures
from policy.data import Example, fingerprint
from policy.encoder import Base
from policy.evaluate import figures
from policy.model import TwoHeads, bfloat16_is_fast, freeze_embeddings
from policy.settings import Settings
from policy.types import SENTIMENTS, TOPICS

_SMOOTHING = 0.05
_SCORED = {"topic": "accuracy", "sentiment": "macro_f1", "sentiment_target": "macro_f1"}
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training stands, after each step."""

    epoch: int  # from 1
    epochs: int
    step: int  # over all epochs
    steps: int
    loss: float


class Trainer:
    """The loop: a step, a state on disk now and then, a score after each epoch."""

    def __init__(
        self,
        settings: Settings,
        base: Base,
        training: Sequence[Example],
        validation: Sequence[Example],
        device: torch.device,
        folder: Path,
    ) -> None:
        self.settings, self.device, self.folder = settings, device, folder
        self.rows = Rows(augment(training, settings.seed), base.tokens)
        self.held = Rows(validation, base.tokens)
        torch.manual_seed(settings.seed)
        layers = adapt(base.encoder, settings.lora_rank) if settings.lora_rank else base.encoder
        freeze_embeddings(layers)
        self.model = TwoHeads(layers, base.hidden).to(device)
        self.half = bfloat16_is_fast(device)
        self.optimizer = torch.optim.AdamW(self._groups(), weight_decay=0.01, fused=True)
        self.per_epoch = math.ceil(len(self.rows) / settings.batch)
        run = _run_id(settings, training)
        self.state, self.best = resume.read(folder, run, self.model, self.optimizer)

    def fit(self, progress: Callable[[Progress], None]) -> None:
        """Trains to the end, or until the score has not risen for `patience` epochs."""
        settings, steps = self.settings, self.per_epoch * self.settings.epochs
        while self.state.step < steps and not self._stalled():
            epoch = self.state.step // self.per_epoch
            for indices in self._remaining(epoch):
                loss = self._step(self.rows.batch(indices).to(self.device), steps)
                progress(Progress(epoch + 1, settings.epochs, self.state.step, steps, loss))
            self._close(epoch)

    def finish(self) -> tuple[TwoHeads, Temperatures, dict[str, Any]]:
        """The best epoch's policy, its temperatures, and its calibrated figures."""
        resume.restore(self.model, self.best)
        self.model.choose_likeliest()
        if self.settings.lora_rank:
            self.model.encoder = merge(self.model.encoder)
        topic, sentiment = self._logits()
        temperatures = Temperatures(
            _fit(topic, self.held.topics), _fit(sentiment, self.held.sentiments)
        )
        metrics = self._figures(topic / temperatures.topic, sentiment / temperatures.sentiment)
        return self.model, temperatures, metrics

    def _groups(self) -> list[dict[str, Any]]:
        rank = self.settings.lora_rank
        rate = self.settings.adapter_rate if rank else self.settings.layers_rate
        layers = [each for each in self.model.encoder.parameters() if each.requires_grad]
        heads = list(self.model.heads.parameters())
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
        loss = joint_loss(topic.float(), sentiment.float(), batch)
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
        metrics = self._figures(*self._logits())
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
        self.model.eval()
        topic = np.empty((len(self.held), len(TOPICS)))
        sentiment = np.empty((len(self.held), len(SENTIMENTS)))
        for indices in self.held.in_order_of_length(128):
            inputs = self.held.batch(indices).to(self.device).inputs
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
                answers = self.model(inputs)
            topic[indices], sentiment[indices] = (one.float().cpu().numpy() for one in answers[:2])
        return topic, sentiment

    def _figures(self, topic: Array, sentiment: Array) -> dict[str, Any]:
        """Figures a head; sentiment of whole headlines and towards targets apart."""
        held = self.held
        judged = held.sentiments != UNKNOWN
        heads = {
            "topic": (topic, held.topics, held.topics != UNKNOWN),
            "sentiment": (sentiment, held.sentiments, judged & ~held.targeted),
            "sentiment_target": (sentiment, held.sentiments, judged & held.targeted),
        }
        return {
            name: _brief(logits[rows], truth[rows])
            for name, (logits, truth, rows) in heads.items()
            if rows.any()
        }


def _brief(logits: Array, truth: NDArray[np.int64]) -> dict[str, Any]:
    full = figures(softmax(logits, axis=1), logits.argmax(1), truth)
    return {"rows": len(truth)} | {key: full[key] for key in ("accuracy", "macro_f1", "ece")}


def score(metrics: Mapping[str, Any]) -> float:
    """What early stopping watches: topic accuracy and sentiment macro-F1, averaged."""
    return float(np.mean([metrics[name][_SCORED[name]] for name in _SCORED if name in metrics]))


def joint_loss(topic: Tensor, sentiment: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy of both heads over B rows; a row without a label leaves that head alone."""
    total = topic.new_zeros(())
    for logits, labels in ((topic, batch.topics), (sentiment, batch.sentiments)):
        total = total + cross_entropy(
            logits, labels, ignore_index=UNKNOWN, label_smoothing=_SMOOTHING, reduction="sum"
        )
    return total / len(batch.topics)


def _schedule(step: int, steps: int, warmup: float) -> float:
    """Part of the peak rate: up in a line, down along a cosine to zero."""
    rise = max(1, round(steps * warmup))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def _fit(logits: Array, truth: Array) -> float:
    known = truth != UNKNOWN
    return temperature(logits[known], truth[known])


def _run_id(settings: Settings, training: Sequence[Example]) -> str:
    words = json.dumps(asdict(settings), sort_keys=True) + fingerprint(training)
    return hashlib.sha256(words.encode()).hexdigest()
