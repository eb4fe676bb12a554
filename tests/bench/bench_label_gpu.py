"""How fast the labeller is on a GPU, and whether it says there what it says in fp32.

    python tests/bench/bench_label_gpu.py FILE.csv [--first N]

stock    the transformers text-classification pipeline on the GPU, a BERT-base in fp32, one by one
piped    this checkpoint in that pipeline, bf16, batches of 128
eager    this network in fp16 on the labeller's batches, kernel by kernel, no graph
ceiling  bare fp16 matrix products of the encoder's shapes: what the arithmetic alone would take
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from pathlib import Path

import numpy as np
import torch
from rivals import Plain, agreement, piped, stock, work

from policy.captured import shape_for, staged
from policy.checkpoint import SHIPPED, load
from policy.data import read_labelled
from policy.labeller import Labeller, batches

_TOKENS = 65_536
_ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="CSV with `text` and labels")
    parser.add_argument("--first", type=int, default=15_000, metavar="N")
    arguments = parser.parse_args()
    texts = [each.text for each in read_labelled(arguments.file)][: arguments.first]
    started = time.perf_counter()
    ours = Labeller.load(None, "cuda")
    ours.label(texts[:1])
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}, {len(texts)} headlines")
    print(f"to the first label {time.perf_counter() - started:.1f} s")
    speed(ours, texts)
    latency(ours, texts)
    faithful(ours, texts)


def speed(ours: Labeller, texts: Sequence[str]) -> None:
    loaded = load(SHIPPED)
    started = time.perf_counter()
    ours.label(texts)
    print(f"the first pass, graphs captured on the way: {time.perf_counter() - started:.1f} s")
    rates = {
        "labeller": _best(ours.label, texts),
        "eager": _best(_eager(), texts),
        "piped": _best(piped(loaded, "cuda"), texts[:4_000], 2),
        "stock": _best(stock(loaded, "cuda"), texts[:300], 2),
    }
    need = work(loaded, loaded.tokens.encode(texts, [""] * len(texts))) / len(texts)
    for name, rate in rates.items():
        print(f"{name:10}{rate:12,.0f} headlines/s, ours is {rates['labeller'] / rate:.1f} times")
    limit = _ceiling()
    print(f"ceiling   {limit / need:12,.0f} headlines/s, {limit / 1e12:.0f} TFLOP/s")
    _parts(ours, texts)


def _parts(ours: Labeller, texts: Sequence[str]) -> None:
    """Where the time of 8,192 headlines goes."""
    some = texts[:8_192]
    blank = [""] * len(some)
    cut = _seconds(lambda: ours._tokens.encode(some, blank))
    encodings = ours._tokens.encode(some, blank)
    lengths = np.array([len(each) for each in encodings])
    parts = [[encodings[i] for i in part] for part in batches(lengths, _TOKENS)]
    shapes = [shape_for(len(part), len(part[-1])) for part in parts]
    laid = _seconds(
        lambda: [staged(part, *shape, 0) for part, shape in zip(parts, shapes, strict=True)]
    )
    answered = _seconds(lambda: [ours._answer(part) for part in parts])
    whole = _seconds(lambda: ours.label(some))
    print(
        f"{len(some)} headlines: {1e3 * whole:.0f} ms, of these tokens {1e3 * cut:.0f}, "
        f"laying out {1e3 * laid:.0f}, the GPU and back {1e3 * (answered - laid):.0f}"
    )


def latency(ours: Labeller, texts: Sequence[str]) -> None:
    eager = _eager()
    for name, label in (("labeller", ours.label), ("eager", eager)):
        for many in (1, 32):
            parts = [texts[at : at + many] for at in range(0, 300 * many, many)]
            seconds = [_seconds(partial(label, part), 1) for part in parts]
            middle, slowest = np.percentile(seconds[20:], (50, 99))
            print(f"{name}, {many} at once: p50 {1e3 * middle:.2f} ms, p99 {1e3 * slowest:.2f} ms")


def faithful(ours: Labeller, texts: Sequence[str]) -> None:
    equal, largest = agreement(ours, Plain(load(SHIPPED)), texts)
    print(f"labels as in fp32 {100 * equal:.3f} %, largest difference {largest:.5f}")


def _eager() -> Callable[[Sequence[str]], object]:
    plain = load(SHIPPED)
    model = deepcopy(plain.model).cuda()
    model.encoder.half()

    @torch.inference_mode()
    def label(texts: Sequence[str]) -> list[object]:
        encodings = plain.tokens.encode(texts, [""] * len(texts))
        lengths = np.array([len(each) for each in encodings])
        said: list[object] = []
        for part in batches(lengths, _TOKENS):
            inputs = plain.tokens.pad([encodings[i] for i in part])
            logits = model({name: each.cuda() for name, each in inputs.items()})
            said += [each.softmax(-1).cpu().tolist() for each in logits[:2]]
        return said

    return label


@torch.inference_mode()
def _ceiling() -> float:
    """Operations a second of fp16 products of (65,536, D) with the encoder's matrices."""
    shape = load(SHIPPED).model.encoder.config
    hidden, inner = shape.hidden_size, shape.intermediate_size
    sizes = ((hidden, 3 * hidden), (hidden, hidden), (hidden, inner), (inner, hidden))
    pairs = [
        (torch.randn(_TOKENS, a, device="cuda").half(), torch.randn(a, b, device="cuda").half())
        for a, b in sizes
    ]

    def multiply() -> None:
        for left, right in pairs:
            left @ right
        torch.cuda.synchronize()

    return 2 * _TOKENS * sum(a * b for a, b in sizes) / _seconds(multiply, 20)


def _best(label: Callable[[Sequence[str]], object], texts: Sequence[str], rounds: int = 5) -> float:
    label(texts[:64])
    return len(texts) / _seconds(lambda: label(texts), rounds)


def _seconds(run: Callable[[], object], rounds: int = _ROUNDS) -> float:
    """The best of some rounds, once it is warm."""
    if rounds > 1:
        run()
    spent = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        spent.append(time.perf_counter() - started)
    return min(spent)


if __name__ == "__main__":
    main()
