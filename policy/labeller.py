"""The policy at work: texts in, distributions out, in large sorted batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding
from torch import nn

from policy.bert import Bert
from policy.captured import Captured
from policy.checkpoint import SHIPPED, Loaded, load
from policy.fuse import fuse
from policy.model import Logits, bfloat16_is_fast, pick_device
from policy.pack import Packed, packs
from policy.pack_memory import keep_few_plans, keep_freed_memory
from policy.types import SENTIMENTS, TOPICS, Prediction, Tier

_CHUNK = 8_192  # texts tokenised and sorted together
_BUDGET = {"cpu": 2_048, "cuda": 65_536}  # tokens a batch, padding included


class Labeller:
    """A checkpoint on a device, in half precision where the device is quick at it, else fp32."""

    def __init__(self, loaded: Loaded, device: torch.device) -> None:
        self.checkpoint = loaded.description.id
        self.parent = loaded.description.parent
        self.tier: Tier = "gpu" if device.type == "cuda" else "cpu"
        self._tokens = loaded.tokens
        self.device = device
        self._model = loaded.model.to(device)
        self._quick = self._quicken()
        self.temperatures = loaded.temperatures
        self._pool = _pool(device)

    @classmethod
    def load(cls, path: Path | None, device: str = "auto") -> Labeller:
        """The checkpoint in `path`, or the shipped one for None; raises CheckpointError."""
        return cls(load(path or SHIPPED), pick_device(device))

    @torch.no_grad()
    def _quicken(self) -> Packed | Captured | None:
        """A BERT's twin made for the device; any other encoder is rounded to bf16 in its place."""
        if not bfloat16_is_fast(self.device):
            return None
        keep_few_plans()
        if isinstance(self._model.encoder, Bert):
            return self._twin(self._model.encoder)
        self._model.encoder.to(torch.bfloat16)
        if self.device.type == "cpu":
            fuse(self._model.encoder)
        return None

    def _twin(self, encoder: Bert) -> Packed | Captured:
        if self.device.type == "cuda":
            return Captured(self._model, self.device, self._tokens.pad_id)
        keep_freed_memory()
        packed = Packed(encoder)
        self._model.encoder = nn.Identity()  # its fp32 weights are needed no more
        return packed

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        """One prediction a text, in input order; a target "" asks about the whole headline."""
        wanted = targets if targets is not None else [""] * len(texts)
        predictions: list[Prediction] = []
        for start in range(0, len(texts), _CHUNK):
            part = slice(start, start + _CHUNK)
            targeted = np.array([bool(each) for each in wanted[part]])
            encodings = self._tokens.encode(texts[part], wanted[part])
            predictions += self._label_chunk(encodings, targeted)
        return predictions

    def _label_chunk(
        self, encodings: Sequence[Encoding], targeted: NDArray[np.bool_]
    ) -> list[Prediction]:
        lengths = np.array([len(each) for each in encodings])
        topics = np.empty((len(encodings), len(TOPICS)))
        sentiments = np.empty((len(encodings), len(SENTIMENTS)))
        chosen = np.empty((len(encodings), 2), dtype=np.int64)
        divide = packs if isinstance(self._quick, Packed) else batches
        parts = list(divide(lengths, _BUDGET[self.device.type]))
        asked = ([encodings[i] for i in part] for part in parts)
        for part, answer in zip(parts, self._pool.map(self._answer, asked), strict=True):
            topics[part], sentiments[part], chosen[part] = answer
        topics = _softmax(topics / self.temperatures.topic)
        sentiments = _softmax(sentiments / self.temperatures.of_sentiment(targeted))
        rows = zip(topics.tolist(), sentiments.tolist(), chosen.tolist(), strict=True)
        return [
            Prediction(tuple(topic), tuple(sentiment), TOPICS[one], SENTIMENTS[other])
            for topic, sentiment, (one, other) in rows
        ]

    @torch.inference_mode()
    def _answer(
        self, encodings: Sequence[Encoding]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Logits (B, 20) and (B, 3); labels chosen (B, 2)."""
        logits = self._logits(encodings)
        topic, sentiment = (each.double().cpu().numpy() for each in logits[:2])
        choices = (logits.topic_choice.argmax(-1), logits.sentiment_choice.argmax(-1))
        return topic, sentiment, torch.stack(choices, -1).cpu().numpy()

    def _logits(self, encodings: Sequence[Encoding]) -> Logits:
        if isinstance(self._quick, Captured):
            return self._quick.answer(encodings)
        if self._quick:
            return self._model.answer(self._quick.pool(encodings))
        inputs = self._tokens.pad(encodings, multiple=1)
        return self._model({name: each.to(self.device) for name, each in inputs.items()})  # type: ignore[no-any-return]


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the last axis; torch's, because scipy's takes longer to import than to use."""
    chances: NDArray[np.float64] = torch.softmax(torch.from_numpy(logits), -1).numpy()
    return chances


def _pool(device: torch.device) -> ThreadPoolExecutor:
    """A thread a core, each with a batch of its own and no threads below it.

    Threads that share one batch wait for the slowest at every layer, which on a busy machine
    costs several times the work; threads with their own batch never wait.
    """
    if device.type == "cuda":
        return ThreadPoolExecutor(1)
    return ThreadPoolExecutor(
        torch.get_num_threads(), initializer=torch.set_num_threads, initargs=(1,)
    )


def batches(lengths: NDArray[np.int64], budget: int) -> Iterator[NDArray[np.int64]]:
    """Indices batch by batch, shortest first, as many as fit `budget` when padded."""
    order = np.argsort(lengths, kind="stable")
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and (end + 1 - start) * lengths[order[end]] <= budget:
            end += 1
        yield order[start:end]
        start = end
