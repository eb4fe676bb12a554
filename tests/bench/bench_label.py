"""How fast the labeller is, beside the ways one writes first and the machine's own limit.

Run it on a quiet machine: `python tests/bench/bench_label.py [FILE.csv]`, about two minutes on
two cores. Without a file it labels the demo-like headlines below. Every contender takes its turn
in each round and the best of its rounds counts, so that a busy moment meets all of them; on a
busy machine read the ratios.

stock    the transformers text-classification pipeline, its defaults, a BERT-base in fp32
piped    this checkpoint in that pipeline, bf16, batches of 128
plain    this checkpoint in fp32, batches of 32 in the order of arrival
ceiling  bare bf16 matrix products of the encoder's shapes, no padding, nothing between them
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from invented import headlines
from rivals import Ceiling, Plain, agreement, piped, stock, work

from policy.checkpoint import SHIPPED, load
from policy.data import clean, read_labelled
from policy.labeller import Labeller

_HEADLINE = "Halvorsen opens probe into accounts"
_FRESH = """
import sys
from policy.labeller import Labeller
Labeller.load(None, "cpu").label([f"{line} {i}" for i in range(4_000) for line in sys.argv[1:]])
lines = open("/proc/self/status").read().splitlines()
print(*(line.split()[1] for line in lines if line.startswith(("VmHWM", "VmRSS"))))
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, help="CSV with `text` and labels")
    parser.add_argument("--limit", type=int, default=8_000, help="headlines for the labeller")
    parser.add_argument("--slow", type=int, default=60, help="headlines for stock; plain: 10 times")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    texts = _texts(arguments.file, arguments.limit)
    started = min(_start() for _ in range(arguments.rounds))
    peak, resident = _memory()
    print(f"{len(texts)} headlines, {torch.get_num_threads()} threads, torch {torch.__version__}")
    compare(texts, arguments.slow, arguments.rounds)
    _say("start to first label", f"{started:.2f} s", "≤ 4 s")
    _say("resident memory", f"{resident:.0f} MB", "≤ 900 MB")
    _say("resident memory, peak", f"{peak:.0f} MB", "≤ 900 MB")


def compare(texts: Sequence[str], slow: int, rounds: int) -> None:
    """Prints rates, ratios, share of the ceiling, agreement and latency."""
    ours, loaded = Labeller.load(None, "cpu"), load(SHIPPED)
    plain, ceiling = Plain(loaded), Ceiling(loaded)
    contenders: dict[str, tuple[Callable[[Sequence[str]], object], Sequence[str]]] = {
        "labeller": (ours.label, texts),
        "stock": (stock(loaded), _cleaned(texts[:slow])),
        "piped": (piped(loaded), _cleaned(texts[: 40 * slow])),
        "plain": (plain.label, texts[: 10 * slow]),
    }
    rates = dict.fromkeys(contenders, 0.0)
    limit = 0.0
    for _ in range(rounds):
        for name, (label, some) in contenders.items():
            rates[name] = max(rates[name], _rate(label, some))
        limit = max(limit, ceiling.rate())
    need = work(loaded, loaded.tokens.encode(texts, [""] * len(texts))) / len(texts)
    _report(rates, limit, need)
    equal, largest = agreement(ours, plain, texts[: 30 * slow])
    _say("labels as in fp32", f"{100 * equal:.2f} %", "≥ 99.9 %")
    _say("largest difference", f"{largest:.4f} of a probability", "")
    middle, slowest = _latency(ours, texts)
    _say("one headline, p50", f"{1e3 * middle:.1f} ms", "")
    _say("one headline, p99", f"{1e3 * slowest:.1f} ms", "≤ 15 ms")


def _report(rates: dict[str, float], limit: float, need: float) -> None:
    for name, rate in rates.items():
        target = "≥ 1,200 on two cores" if name == "labeller" else ""
        _say(name, f"{rate:,.0f} headlines/s", target)
    _say("ceiling", f"{limit / need:,.0f} headlines/s", f"{limit / 1e12:.2f} TFLOP/s")
    ours = rates["labeller"]
    _say("× stock", f"{ours / rates['stock']:.1f}", "≥ 50")
    _say("× piped", f"{ours / rates['piped']:.2f}", "≥ 1.5")
    _say("× plain", f"{ours / rates['plain']:.1f}", "")
    _say("share of the ceiling", f"{100 * ours * need / limit:.0f} %", "≥ 50 %")


def _say(what: str, figure: str, target: str) -> None:
    print(f"{what:24}{figure:>28}   {target}", flush=True)


def _texts(file: Path | None, limit: int) -> list[str]:
    """Headlines in an order without order, so that the first few are like all."""
    if file is not None:
        texts = [each.text for each in read_labelled(file)]
        random.Random(0).shuffle(texts)
        return texts[:limit]
    return headlines(limit)


def _cleaned(texts: Sequence[str]) -> list[str]:
    return [clean(each) for each in texts]


def _rate(label: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    label(texts[:8])
    started = time.perf_counter()
    label(texts)
    return len(texts) / (time.perf_counter() - started)


def _latency(ours: Labeller, texts: Sequence[str], count: int = 500) -> tuple[float, float]:
    """Median and 99th percentile of one headline at a time, seconds."""
    seconds = []
    for text in texts[:count]:
        started = time.perf_counter()
        ours.label([text])
        seconds.append(time.perf_counter() - started)
    return float(np.percentile(seconds, 50)), float(np.percentile(seconds, 99))


def _start() -> float:
    """Seconds from the command to its answer, in a fresh process."""
    program = Path(sys.executable).with_name("downdraft")
    started = time.perf_counter()
    subprocess.run([program, "label", _HEADLINE], check=True, capture_output=True)
    return time.perf_counter() - started


def _memory() -> tuple[float, float]:
    """(peak, at the end) resident memory in MB of a fresh process that labels 8,000 headlines."""
    command = [sys.executable, "-c", _FRESH, _HEADLINE, " ".join([_HEADLINE] * 4)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    peak, resident = (int(each) / 1024 for each in answer.split())
    return peak, resident


if __name__ == "__main__":
    main()
