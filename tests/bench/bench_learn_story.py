"""Verdicts to a better live policy, whole, through the command line; no part of it is simulated
but the analysts.

    python tests/bench/bench_learn_story.py [--champion half|shipped|worn] [--verdicts 2000]

`half`: a champion trained on 3,000 labelled rows, so that there is something to learn. `shipped`:
the policy that ships, on the tenth of its rows that it was not trained on. `worn`: the same with
noise on its heads, which verdicts are to mend. Five analysts, one in twenty answers wrong, a
correction on three rejections of ten. Figures as JSON on standard output.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import torch

from monitor.store import articles, feeds
from monitor.store.engine import open_store
from monitor.store.feeds import NewFeed
from monitor.types import Item
from policy.checkpoint import CARD, load, save, seal
from policy.data import Example, cut, read_labelled
from policy.manifest import SHIPPED, describe
from policy.types import SENTIMENTS, TOPICS

LABELLED = Path(__file__).resolve().parents[3] / "shared" / "data" / "labelled"
COLUMNS = (
    "text", "target", "head", "shown", "propensity", "selection", "analyst", "answer",
    "correction", "reason", "at", "why",
)  # fmt: skip
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ERRORS, CORRECTIONS, ANALYSTS = 0.05, 0.3, 5
NEWS, ANCHORS, TRIAL, TEST = 1_500, 2_000, 5_000, 2_000  # rows
A_ROUND = 40  # verdicts on disagreements between two calls of `learn`


@dataclass(frozen=True)
class Parts:
    """Rows by their use; no near-duplicate is in two of them."""

    taught: list[Example]  # what the champion learned from; nobody looks at them again
    stream: list[Example]  # what analysts say of them teaches the candidate
    trial: list[Example]  # those of them on which the two differ judge it
    test: list[Example]  # accuracy before and after
    anchors: list[Example]
    news: list[Example]


def parts_of(champion: str, verdicts: int) -> Parts:
    rows = [row for file in sorted(LABELLED.glob("*_train.csv")) for row in read_labelled(file)]
    if champion != "half":  # the cut that its training made: with seed 0, of the same files
        taught, unseen = cut(rows, 0)
        rest, test = cut(unseen, 1, share=0.25)
        share = max(1 - verdicts / len(rest), 0.1)
        stream, trial = cut(rest, 2, share=share)
        draw = random.Random(3).sample(taught, NEWS + ANCHORS)
        return Parts([], stream, trial, test, draw[:ANCHORS], draw[ANCHORS:])
    rest, test = cut(rows, 1, share=0.1)
    rest, taught = cut(rest, 2, share=3_000 / len(rest))
    rest, stream = cut(rest, 3, share=2 * verdicts / len(rest))  # a third asks about a target
    rest, anchors = cut(rest, 4, share=ANCHORS / len(rest))
    trial, news = cut(rest, 5, share=NEWS / len(rest))
    return Parts(taught, stream, trial[:TRIAL], test[:TEST], anchors, news)


class Downdraft:
    """The command on a configuration of its own."""

    def __init__(self, folder: Path, champion: Path, anchors: Path, device: str) -> None:
        self.folder, self.url = folder, f"sqlite:///{folder / 'story.db'}"
        self.config = folder / "story.toml"
        self.config.write_text(
            f'[store]\nurl = "{self.url}"\n[policy]\ncheckpoint = "{champion}"\n'
            f'device = "{device}"\n'
            f'[learn]\nfolder = "{folder / "policies"}"\nanchors = ["{anchors}"]\n'
            '[log]\nlevel = "warning"\n'
        )

    def __call__(self, *words: str, text: str = "") -> str:
        command = [sys.executable, "-m", "monitor", *words]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(words)}: {done.stderr[-2_000:]}")
        return done.stdout

    def learn(self) -> dict[str, Any]:
        return dict(json.loads(self("learn", "--json", "--config", str(self.config))))

    def said(self, verdicts: Sequence[dict[str, Any]]) -> None:
        file = self.folder / "verdicts.csv"
        with file.open("w", newline="", encoding="utf-8") as out:
            rows = csv.DictWriter(out, COLUMNS)
            rows.writeheader()
            rows.writerows(verdicts)
        self("feedback", "import", str(file), "--config", str(self.config))

    def labels(self, rows: Sequence[Example], policy: Path) -> list[dict[str, Any]]:
        """By target: the command asks about one at a time, so headlines go as a whole."""
        lines = "\n".join(" ".join(row.text.split()) for row in rows) + "\n"
        said = self("label", "--json", "--policy", str(policy), "-", text=lines)
        return [json.loads(line) for line in said.splitlines()]

    def evaluate(self, file: Path, policy: Path) -> dict[str, Any]:
        return dict(json.loads(self("evaluate", str(file), "--json", "--policy", str(policy))))


def whole(rows: Iterable[Example]) -> list[Example]:
    """Without those that ask about a target: `label` takes one target for all its lines."""
    return [row for row in rows if not row.target]


def head_of(row: Example) -> tuple[str, str]:
    """Which head its known label is of, and the label."""
    return ("topic", row.topic) if row.topic else ("sentiment", str(row.sentiment))


def verdicts(rows: Sequence[Example], said: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of the label that is shown, or blind where there is none."""
    draw = random.Random(6)
    for number, (row, label) in enumerate(zip(rows, said, strict=True)):
        head, truth = head_of(row)
        if draw.random() < ERRORS:
            truth = draw.choice(TOPICS if head == "topic" else SENTIMENTS)
        shown = str(label.get(head, ""))
        right = shown == truth
        named = not right and (not shown or draw.random() < CORRECTIONS)
        yield {
            "text": row.text, "target": row.target, "head": head, "shown": shown,
            "propensity": 1, "selection": 1, "analyst": f"analyst {number % ANALYSTS}",
            "answer": "confirm" if right else "reject", "correction": truth if named else "",
            "reason": "", "at": (BEGIN + number * timedelta(minutes=1)).isoformat(),
            "why": "uncertain" if shown else "disagreement",
        }  # fmt: skip


def publish(url: str, rows: Sequence[Example]) -> None:
    """News of the last minutes, for the label job."""
    store = open_store(url)
    items = [
        Item(f"g{n}", f"https://x.example/{n}", row.text, "", "", None, "", "")
        for n, row in enumerate(rows)
    ]
    now = datetime.now(UTC)
    with store.write() as tx:
        feeds.add(tx, NewFeed("https://x.example/feed", "x", "x", 300), "config", now)
        articles.add_items(tx, feeds.active(tx)[0].id, "x", items, now)
    store.close()


def write_rows(file: Path, rows: Sequence[Example]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(("text", "target", "topic", "sentiment"))
        table.writerows((r.text, r.target, r.topic or "", r.sentiment or "") for r in rows)
    return file


def wear(out: Path) -> Path:
    """The shipped policy with noise of four times their spread on its heads."""
    loaded, draw = load(SHIPPED), torch.Generator().manual_seed(1)
    for head in (loaded.model.heads.topic, loaded.model.heads.sentiment):
        head.weight.data += torch.randn(head.weight.shape, generator=draw) * head.weight.std() * 4
    loaded.model.choose_likeliest()
    config = json.loads((SHIPPED / "encoder.json").read_text(encoding="utf-8"))
    save(out, loaded.model, loaded.tokens, config, loaded.temperatures)
    shutil.copy(SHIPPED / CARD, out / CARD)
    seal(out, encoder=loaded.description.encoder, created_by="a benchmark", data={}, metrics={})
    return out


def story(folder: Path, which: str, count: int, device: str) -> dict[str, Any]:
    parts = parts_of(which, count)
    champion = SHIPPED
    test = write_rows(folder / "test.csv", parts.test)
    anchors = write_rows(folder / "anchors.csv", parts.anchors)
    if which == "half":
        champion = folder / "champion"
        file = write_rows(folder / "taught.csv", parts.taught)
        words = ("train", str(file), "--out", str(champion), "--device", device)
        Downdraft(folder, champion, anchors, device)(*words, "--epochs", "4", "--folds", "0")
    if which == "worn":
        champion = wear(folder / "champion")
    run = Downdraft(folder, champion, anchors, device)
    publish(run.url, whole(parts.news))
    run("once", "label", "--config", str(run.config))
    stream = whole(parts.stream)[:count]
    run.said(list(verdicts(stream, run.labels(stream, champion))))
    begun = time.perf_counter()
    first = run.learn()
    seconds = time.perf_counter() - begun
    candidate = folder / "policies" / first["candidate"]
    figures = {
        "champion": describe(champion).id,
        "verdicts": len(stream),
        "learn_seconds": round(seconds, 1),
        "first": {key: first[key] for key in ("state", "candidate", "reasons")},
        "learned": first["metrics"].get("learned"),
        "vetoes": first["metrics"].get("vetoes"),
        "before": run.evaluate(test, champion),
        "candidate": run.evaluate(test, candidate) if first["candidate"] else None,
    }
    if first["state"] != "shadow":
        return figures
    return figures | judged(run, parts, champion, candidate)


def judged(run: Downdraft, parts: Parts, champion: Path, candidate: Path) -> dict[str, Any]:
    """Verdicts on disagreements, some at a time, until the trial is decided or all are said."""
    trial = whole(parts.trial)
    pairs = zip(trial, run.labels(trial, champion), run.labels(trial, candidate), strict=True)
    differ = [row for row, a, b in pairs if a[head_of(row)[0]] != b[head_of(row)[0]]]
    answer: dict[str, Any] = {}
    for start in range(0, len(differ), A_ROUND):
        some = differ[start : start + A_ROUND]
        run.said([*verdicts(some, [{}] * len(some))])
        answer = run.learn()
        if answer["state"] != "shadow":
            break
    return {
        "trial": {key: answer.get(key) for key in ("state", "reasons", "live")},
        "disagreement": round(len(differ) / len(trial), 4),
        "gate": (answer.get("metrics") or {}).get("gate"),
        "effect": (answer.get("metrics") or {}).get("effect"),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--champion", choices=("half", "shipped", "worn"), default="half")
    asked.add_argument("--verdicts", type=int, default=2_000)
    asked.add_argument("--device", default="auto")
    asked.add_argument("--folder", type=Path)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as fresh:
        folder = given.folder or Path(fresh)
        folder.mkdir(parents=True, exist_ok=True)
        print(json.dumps(story(folder, given.champion, given.verdicts, given.device), indent=1))


if __name__ == "__main__":
    main()
