"""What the labeller is measured against: the ways one would write first, and the machine itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import torch
from tokenizers import Encoding
from torch import Tensor, nn
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    PreTrainedTokenizerFast,
    TextClassificationPipeline,
)
from transformers.utils import logging

from policy.checkpoint import Loaded
from policy.fuse import FusedLinear
from policy.labeller import Labeller
from policy.tokens import MAX_TOKENS
from policy.types import SENTIMENTS

_ROWS = 2_048  # rows of the matrices, as many as the labeller multiplies at once
_BF16 = torch.bfloat16


class Plain:
    """The same weights in fp32, batches of 32 in the order of arrival, nothing done for speed."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded

    @torch.inference_mode()
    def label(self, texts: Sequence[str]) -> list[tuple[Tensor, Tensor]]:
        """Probabilities (20,) and (3,) of each text."""
        tokens, model = self._loaded.tokens, self._loaded.model
        cooled = self._loaded.temperatures
        said: list[tuple[Tensor, Tensor]] = []
        for start in range(0, len(texts), 32):
            part = texts[start : start + 32]
            logits = model(tokens.pad(tokens.encode(part, [""] * len(part)), multiple=1))
            topic = torch.softmax(logits.topic / cooled.topic, -1)
            sentiment = torch.softmax(logits.sentiment / cooled.sentiment, -1)
            said += zip(topic, sentiment, strict=True)
        return said


def stock(loaded: Loaded, device: str = "cpu") -> Callable[[Sequence[str]], object]:
    """The transformers pipeline with its defaults around a BERT-base of FinBERT's shape."""
    torch.manual_seed(0)
    return _pipeline(loaded, BertForSequenceClassification(BertConfig(num_labels=3)), 1, device)


def piped(loaded: Loaded, device: str = "cpu") -> Callable[[Sequence[str]], object]:
    """This checkpoint's encoder in the pipeline, at bf16 and batches of 128."""
    shape: Any = loaded.model.encoder.config
    config = BertConfig(**asdict(shape), num_labels=len(SENTIMENTS))
    model = BertForSequenceClassification(config)
    model.bert.load_state_dict(loaded.model.encoder.state_dict(), strict=False)
    return _pipeline(loaded, model.to(_BF16), 128, device)


def _pipeline(
    loaded: Loaded, model: nn.Module, batch: int, device: str
) -> Callable[[Sequence[str]], object]:
    logging.set_verbosity_error()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=loaded.tokens.tokenizer,
        pad_token="[PAD]",
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
    ask = TextClassificationPipeline(model=model.eval(), tokenizer=tokenizer, device=device)
    return lambda texts: ask(list(texts), batch_size=batch, truncation=True)


def work(loaded: Loaded, encodings: Sequence[Encoding]) -> float:
    """Floating-point operations that the encoder needs for these texts, without any padding."""
    config: Any = loaded.model.encoder.config
    hidden, inner, layers = (
        config.hidden_size,
        config.intermediate_size,
        config.num_hidden_layers,
    )
    weights = layers * (4 * hidden * hidden + 2 * hidden * inner)
    lengths = [len(each) for each in encodings]
    attention = 4 * layers * hidden * sum(length * length for length in lengths)
    return float(2 * weights * sum(lengths) + attention)


class Ceiling:
    """Bare bf16 matrix products of the encoder's shapes, a thread a core, nothing between them."""

    def __init__(self, loaded: Loaded) -> None:
        config: Any = loaded.model.encoder.config
        hidden, inner = config.hidden_size, config.intermediate_size
        shapes = ((hidden, 3 * hidden), (hidden, hidden), (hidden, inner), (inner, hidden))
        self._pairs = [
            (torch.randn(_ROWS, one).to(_BF16), FusedLinear(nn.Linear(one, two, dtype=_BF16)))
            for one, two in shapes
        ]
        self._operations = 2 * _ROWS * sum(one * two for one, two in shapes)
        self._threads = torch.get_num_threads()
        self._pool = ThreadPoolExecutor(
            self._threads, initializer=torch.set_num_threads, initargs=(1,)
        )

    def rate(self, rounds: int = 60) -> float:
        """Floating-point operations a second, all threads together."""
        list(self._pool.map(self._multiply, [2] * self._threads))
        started = time.perf_counter()
        list(self._pool.map(self._multiply, [rounds] * self._threads))
        seconds = time.perf_counter() - started
        return self._operations * rounds * self._threads / seconds

    @torch.inference_mode()
    def _multiply(self, rounds: int) -> None:
        for _ in range(rounds):
            for inputs, layer in self._pairs:
                layer(inputs)


def agreement(ours: Labeller, plain: Plain, texts: Sequence[str]) -> tuple[float, float]:
    """(share of equal labels over both heads, largest difference of a probability)."""
    equal, largest = 0, 0.0
    for said, wanted in zip(ours.label(texts), plain.label(texts), strict=True):
        for fast, slow in zip(
            (said.topic_probabilities, said.sentiment_probabilities), wanted, strict=True
        ):
            difference = torch.tensor(fast) - slow
            equal += fast.index(max(fast)) == int(slow.argmax())
            largest = max(largest, float(difference.abs().max()))
    return equal / (2 * len(texts)), largest
