"""The supervised-to-bandit experiment: two minutes, or a night.

    python tests/bench/bench_bandit.py [--nightly] [--jobs J] [--data FOLDER] [--only ARM,…]

The small size is one seed of 1,500 verdicts. The nightly size is the protocol: 20 topics, all arms
with 5 seeds, the clean, 30 %-corrections and one-adversary arms with 10; the clean arm on two sets
of sentiments. Cells that were run before are read from the cache, so a night may be cut in pieces.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from policy.bandit.arms import ARMS, Arm
from policy.bandit.cells import ENDS, Cell, Trial, found
from policy.bandit.features import default_cache
from policy.bandit.report import one, scale
from policy.bandit.roster import DEFAULT, RIVALS, VOWPAL
from policy.encoder import DEFAULT_ENCODER

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "labelled"
TOPICS = "twitter_topic_train.csv"
SENTIMENTS = ("twitter_sentiment_train.csv", "sentfin_train.csv")
FIRST = ("clean", "corrections-30", "adversary-1")  # with most seeds
CORE, TRUSTING = "verdict_likelihood", "verdict_likelihood+trusting"
OURS = tuple(name for name in DEFAULT if name != VOWPAL)
LIED_TO = ("noise-10", "noise-20", "noise-30", "adversary-1", "adversary-2", "aimed-1", "aimed-2")
Done = dict[Cell, dict[str, Any]]


def topics(data: Path) -> Trial:
    return Trial(data / TOPICS, DEFAULT_ENCODER, 300, 9000, default_cache())


def sentiments(data: Path) -> list[Trial]:
    return [Trial(data / name, DEFAULT_ENCODER, 150, 5000, default_cache()) for name in SENTIMENTS]


def small(data: Path) -> list[Cell]:
    trial = Trial(data / TOPICS, DEFAULT_ENCODER, 300, 1500, default_cache())
    names = (ENDS, *OURS, RIVALS[1])
    return [
        *(Cell(trial, ARMS["clean"], name, 0) for name in names),
        *(
            Cell(trial, ARMS[arm], name, 0)
            for arm in ("corrections-30", "adversary-1", "shuffled")
            for name in (ENDS, CORE)
        ),
    ]


def nightly(data: Path) -> Iterator[Cell]:
    """Seed by seed, the arms that matter most first: whatever was run is worth reading."""
    for seed in range(10):
        for name in FIRST if seed >= 5 else ARMS:
            yield from _of_arm(topics(data), ARMS[name], seed)
    for trial in sentiments(data):
        for seed in range(5):
            yield from _of_arm(trial, ARMS["clean"], seed)


def _of_arm(trial: Trial, arm: Arm, seed: int) -> Iterator[Cell]:
    whole = arm.name in FIRST
    who = (ENDS, *OURS, *RIVALS) if whole else (ENDS, CORE, "confirm_only")
    if arm.name in LIED_TO:
        who = (*who, TRUSTING)
    if arm.name == "clean":
        who = (*who, "verdict_likelihood+incurious")
    return (Cell(trial, arm, name, seed) for name in who)


def run(cells: Sequence[Cell], jobs: int) -> Done:
    """All records, told as they come."""
    done: Done = {}
    for cell, record in found(cells, jobs):
        done[cell] = record
        print(f"{len(done)}/{len(cells)} {title(cell)}", file=sys.stderr, flush=True)
    return done


def title(cell: Cell) -> str:
    return f"{cell.trial.file.stem}, {cell.arm.name}, {cell.who}, seed {cell.seed}"


def summaries(done: Done) -> dict[tuple[str, str], dict[str, Any]]:
    """Of each file and arm: every name with the number of seeds that it was run with.

    The rival is the best of its configurations by test accuracy, of those run with most seeds.
    """
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for trial, arm in dict.fromkeys((cell.trial, cell.arm) for cell in done):
        rows: dict[str, Any] = {}
        for name in dict.fromkeys(c.who for c in done if (c.trial, c.arm) == (trial, arm)):
            pairs = _pairs(done, trial, arm, name)
            if name != ENDS and pairs:
                rows[name] = one(*zip(*pairs, strict=True)) | {"seeds": len(pairs)}
        ends = [record for _, record in _pairs(done, trial, arm, ENDS)]
        if ends and rows:
            told[trial.file.stem, arm.name] = scale(ends) | _with_one_rival(rows)
    return told


def _pairs(done: Done, trial: Trial, arm: Arm, name: str) -> list[tuple[Any, Any]]:
    """Records of that name, each with the ends of the scale of its seed."""
    pairs = []
    for seed in range(10):
        record, ends = (done.get(Cell(trial, arm, who, seed)) for who in (name, ENDS))
        if record is not None and ends is not None:
            pairs.append((record, ends))
    return pairs


def _with_one_rival(rows: dict[str, Any]) -> dict[str, Any]:
    tried = {name: rows[name] for name in RIVALS if name in rows}
    if not tried:
        return rows
    best = max(tried, key=lambda name: (tried[name]["seeds"], tried[name]["accuracy"]))
    ours = {name: row for name, row in rows.items() if name not in tried}
    return ours | {VOWPAL: tried[best] | {"configuration": best.partition(":")[2]}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nightly", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--only", default="", help="arms, with commas between")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"{options.data} is missing: nothing to measure")
        return
    cells = list(nightly(options.data)) if options.nightly else small(options.data)
    only = options.only.split(",") if options.only else list(ARMS)
    done = run([cell for cell in cells if cell.arm.name in only], options.jobs)
    for (file, arm), rows in summaries(done).items():
        print(f"\n{file}, {arm}")
        for name, row in rows.items():
            print(line(name, row))


def line(name: str, row: dict[str, Any]) -> str:
    gap, online = (row.get(key) for key in ("gap_closed", "online_reward"))
    shares = "".join(f" {value:>7.3f}" if value is not None else " " * 8 for value in (gap, online))
    return (
        f"{name:<30} {row['accuracy']:.4f} ± {row['accuracy_se']:.4f}  F1 {row['macro_f1']:.3f}"
        f"  ECE {row['ece']:.3f}  gap, online{shares}  seeds {row.get('seeds', '')}"
    )


if __name__ == "__main__":
    main()
