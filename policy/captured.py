"""A BERT on a GPU, in half precision, replayed from captured CUDA graphs.

Starting a network's kernels one by one takes longer than a GPU needs for a few headlines. A graph
starts them all at once, for one shape of batch; so batches are filled up to few shapes, and each
shape is captured when it is first met. Half precision (fp16) rounds eight times finer than bf16,
and what overflows it is answered in fp32.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding
from torch import Tensor

from policy.model import Logits, TwoHeads
from policy.tokens import NAMES, laid_out
from policy.types import SENTIMENTS, TOPICS

_WIDTH = 16  # tokens; a batch is as wide as a multiple of it
_EDGES = tuple(np.cumsum([len(TOPICS), len(SENTIMENTS), len(TOPICS)]).tolist())  # in an answer


@dataclass(frozen=True, slots=True)
class _Graph:
    """The network for one shape; `asked` (3, B, T) int32 in, `answered` (B, 46) fp32 out."""

    run: torch.cuda.CUDAGraph
    asked: Tensor
    answered: Tensor


class Captured:
    """A policy's network on a GPU. Not for several threads at once."""

    def __init__(self, model: TwoHeads, device: torch.device, pad_id: int) -> None:
        self._careful = model  # fp32
        self._quick = deepcopy(model)
        self._quick.encoder.half()
        self._device, self._pad_id = device, pad_id
        self._graphs: dict[tuple[int, int], _Graph] = {}
        self._memory = torch.cuda.graph_pool_handle()

    @torch.inference_mode()
    def answer(self, encodings: Sequence[Encoding]) -> Logits:
        """Logits on the processor of one batch, sorted by length."""
        rows, width = shape_for(len(encodings), len(encodings[-1]))
        host = torch.from_numpy(staged(encodings, rows, width, self._pad_id))
        graph = self._graphs.get((rows, width))
        if graph is None:
            graph = self._graphs[rows, width] = self._capture(host)
        graph.asked.copy_(host)
        graph.run.replay()
        answered = graph.answered[: len(encodings)].cpu()
        if not torch.isfinite(answered).all():
            asked = host[:, : len(encodings)].to(self._device)
            answered = _answers(self._careful, asked).cpu()
        return Logits(*torch.tensor_split(answered, _EDGES, 1))

    def _capture(self, host: Tensor) -> _Graph:
        """Twice as usual on a stream of its own first, as capturing wants it."""
        asked = host.to(self._device)
        aside = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(aside):
            for _ in range(2):
                _answers(self._quick, asked)
        torch.cuda.current_stream(self._device).wait_stream(aside)
        run = torch.cuda.CUDAGraph()
        with torch.cuda.graph(run, pool=self._memory, capture_error_mode="thread_local"):
            answered = _answers(self._quick, asked)
        return _Graph(run, asked, answered)


def _answers(model: TwoHeads, asked: Tensor) -> Tensor:
    """(3, B, T) → (B, 46): the four logits side by side."""
    batch = dict(zip(NAMES, asked.unbind(), strict=True))
    return torch.cat(model(batch), 1)


def shape_for(texts: int, length: int) -> tuple[int, int]:
    """The shape (B, T) that so many texts of at most so many tokens are filled up to."""
    return 1 << (texts - 1).bit_length(), -(-length // _WIDTH) * _WIDTH


def staged(encodings: Sequence[Encoding], rows: int, width: int, pad_id: int) -> NDArray[np.int32]:
    """(3, rows, width) words, mask and kinds; a row without a text reads one token of padding."""
    asked = np.zeros((3, rows, width), dtype=np.int32)
    asked[0] = pad_id
    asked[:, : len(encodings)] = laid_out(encodings, width, pad_id)
    asked[1, len(encodings) :, 0] = 1
    return asked
