"""Writes what the experiment found into docs/learning.md and docs/learning/*.png.

    python tests/bench/learning_pictures.py [--data FOLDER] [--run] [--jobs J]

Takes the cells that `bench_bandit.py --nightly` has run so far; --run runs those that are missing,
which takes a night. Tables stand between `<!-- NAME -->` and `<!-- end -->`; all else in the page
is written by hand and left alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import doc_tables
import learning_drawings as drawings
from bench_bandit import CORE, DATA, OURS, Done, nightly, run, summaries, topics

from policy.bandit.arms import ARMS
from policy.bandit.cells import kept
from policy.bandit.roster import VOWPAL

DOCS = Path(__file__).resolve().parents[2] / "docs"
Rows = dict[tuple[str, str], dict[str, Any]]
_ENDS = ("frozen", "skyline")
_CURVES = (*OURS, "verdict_likelihood+incurious", VOWPAL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--run", action="store_true", help="run what is missing")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    cells = list(nightly(options.data))
    done = run(cells, options.jobs) if options.run else _kept(cells)
    told = summaries(done)
    file = topics(options.data).file.stem
    folder = DOCS / "learning"
    folder.mkdir(exist_ok=True)
    clean = told[file, "clean"]
    drawings.curves(
        _runs(done, file, clean), {end: clean[end] for end in _ENDS}, folder / "curves.png"
    )
    accuracy = clean[CORE]["accuracy"]
    drawings.arms(list(_by_arm(told, file)), accuracy, folder / "arms.png")
    page = DOCS / "learning.md"
    text = page.read_text(encoding="utf-8")
    for name, table in _tables(told, file, done).items():
        text = doc_tables.replaced(page, text, name, table)
    page.write_text(text, encoding="utf-8")


def _kept(cells: list[Any]) -> Done:
    records = {cell: kept(cell) for cell in cells}
    return {cell: record for cell, record in records.items() if record is not None}


def _runs(done: Done, file: str, clean: dict[str, Any]) -> dict[str, list[Any]]:
    """Curves of the clean arm, a seed each."""
    best = f"{VOWPAL}:{clean[VOWPAL]['configuration']}" if VOWPAL in clean else ""
    found: dict[str, list[Any]] = {}
    for name in _CURVES:
        who = best if name == VOWPAL else name
        curves = [
            record["curve"]
            for cell, record in done.items()
            if (cell.trial.file.stem, cell.arm.name, cell.who) == (file, "clean", who)
        ]
        if curves:
            found[name] = curves
    return found


def _by_arm(told: Rows, file: str) -> Iterator[tuple[str, str, float, float, float]]:
    names = (CORE, "verdict_likelihood+trusting", "confirm_only", VOWPAL)
    for arm in ARMS:
        rows = told.get((file, arm), {})
        for name in names:
            if name in rows:
                row, sky = rows[name], rows["skyline"]["accuracy"]
                yield arm, name, row["accuracy"], row["accuracy_se"], sky


def _tables(told: Rows, file: str, done: Done) -> dict[str, str]:
    others = {name: rows for (name, arm), rows in told.items() if name != file and arm == "clean"}
    return {
        "clean": _learners(told[file, "clean"]),
        "corrections": _learners(told.get((file, "corrections-30"), {})),
        "arms": _arms(told, file),
        "liars": _liars(told, file, done),
        "new": _new(told, file),
        "sentiments": "\n\n".join(
            f"**{name}**\n\n{_learners(rows)}" for name, rows in others.items()
        ),
    }


def _learners(rows: dict[str, Any]) -> str:
    head = "who,seeds,accuracy,macro-F1,ECE,gap closed,online,negative flips"
    lines = []
    for name, row in sorted(rows.items(), key=lambda item: -item[1]["accuracy"]):
        label = f"{name} ({row['configuration']})" if "configuration" in row else name
        shares = [_number(row.get(key)) for key in ("gap_closed", "online_reward")]
        if name in _ENDS:
            shares = ["", ""]
        error = "" if name in _ENDS else f" ± {row['accuracy_se']:.4f}"
        lines.append(
            [label, str(row.get("seeds", "")), f"{row['accuracy']:.4f}{error}",
             f"{row['macro_f1']:.3f}", f"{row['ece']:.3f}", *shares, f"{row['negative_flips']:.3f}"]
        )  # fmt: skip
    return doc_tables.table(head.split(","), lines)


def _arms(told: Rows, file: str) -> str:
    head = "arm,what happens,seeds,core,gap closed,ECE,without a panel,confirm only,skyline"
    lines = []
    for arm in ARMS.values():
        rows = told.get((file, arm.name))
        if rows is None or CORE not in rows:
            continue
        core = rows[CORE]
        beside = ("verdict_likelihood+trusting", "confirm_only", "skyline")
        others = [_number(rows.get(name, {}).get("accuracy")) for name in beside]
        lines.append(
            [arm.name, arm.about, str(core["seeds"]), f"{core['accuracy']:.3f}",
             _number(core["gap_closed"]), _number(core["ece"]), *others]
        )  # fmt: skip
    return doc_tables.table(head.split(","), lines)


def _liars(told: Rows, file: str, done: Done) -> str:
    lines = []
    for arm in ("adversary-1", "adversary-2", "aimed-1", "aimed-2"):
        row = told.get((file, arm), {}).get(CORE)
        if row is None:
            continue
        named = ", ".join("never" if each is None else str(each) for each in row["named_after"])
        flips = _number(row.get("named_flips"))
        lines.append([arm, _lost(done, file, arm), named, str(row["honest_named"]), flips])
    head = "arm,points lost,named after so many lies,honest named,flips about the name"
    return doc_tables.table(head.split(","), lines)


def _lost(done: Done, file: str, arm: str) -> str:
    """Points of accuracy that the arm costs, mean over the seeds that both arms were run with."""
    by_seed: dict[str, dict[int, float]] = {"clean": {}, arm: {}}
    for cell, record in done.items():
        if cell.trial.file.stem == file and cell.who == CORE and cell.arm.name in by_seed:
            by_seed[cell.arm.name][cell.seed] = record["accuracy"]
    clean, worse = by_seed["clean"], by_seed[arm]
    lost = [100 * (clean[seed] - worse[seed]) for seed in worse if seed in clean]
    return f"{sum(lost) / len(lost):+.1f} ({len(lost)} seeds)" if lost else ""


def _new(told: Rows, file: str) -> str:
    lines = []
    for arm in ("new-topic", "new-topic-30"):
        rows = told.get((file, arm), {})
        if CORE in rows:
            core, sky = rows[CORE], rows["skyline"]
            lines.append(
                [arm, str(core["seeds"]), *(f"{x['new_recall']:.2f}" for x in (core, sky))]
            )
    return doc_tables.table(["arm", "seeds", "recall of the new label", "of the skyline"], lines)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
