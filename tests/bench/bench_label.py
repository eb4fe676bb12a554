"""Headlines a second of the labeller against the plain way, in one run on one machine.

The plain way is what one writes first: fp32, batches of 32 in the order of arrival, padded to
their longest, tokenised batch by batch. Run it: `python tests/bench/bench_label.py [FILE.csv]`.
Without a file it labels the demo-like headlines below. Figures of a busy machine mislead: read
the ratio, which both sides share.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path

import torch

from policy.checkpoint import SHIPPED, load
from policy.data import read_labelled
from policy.labeller import Labeller

_SUBJECTS = ("Halvorsen", "Brightwater Mining", "the Tellumar central bank", "Quayside Foods")
_EVENTS = (
    "opens probe into accounts of its largest unit after auditors resign",
    "raises dividend",
    "posts quarterly profit above estimates as costs ease and orders return",
    "holds rates, sees inflation easing next year",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="CSV with a column `text`")
    parser.add_argument("--limit", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    texts = _texts(arguments.file, arguments.limit)
    ours, plain = Labeller.load(None), Plain()
    fast, slow = [], []
    for _ in range(arguments.rounds):  # in turns, so that a busy moment meets both
        fast.append(_rate(ours.label, texts))
        slow.append(_rate(plain.label, texts))
    print(f"texts {len(texts)}, checkpoint {ours.checkpoint}, threads {torch.get_num_threads()}")
    print(f"labeller {max(fast):8.0f} headlines/s")
    print(f"plain    {max(slow):8.0f} headlines/s")
    print(f"ratio    {max(fast) / max(slow):8.2f}")


class Plain:
    """The yardstick: the same weights, nothing done for speed."""

    def __init__(self) -> None:
        self._loaded = load(SHIPPED)

    @torch.inference_mode()
    def label(self, texts: list[str]) -> None:
        tokens, model = self._loaded.tokens, self._loaded.model
        for start in range(0, len(texts), 32):
            part = texts[start : start + 32]
            model(tokens.pad(tokens.encode(part, [""] * len(part)), multiple=1))


def _texts(file: Path | None, limit: int) -> list[str]:
    if file is not None:
        return [each.text for each in read_labelled(file)][:limit]
    draw = random.Random(0)
    return [f"{draw.choice(_SUBJECTS)} {draw.choice(_EVENTS)} {i}" for i in range(limit)]


def _rate(label: Callable[[list[str]], object], texts: list[str]) -> float:
    label(texts[:64])
    started = time.perf_counter()
    label(texts)
    return len(texts) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
