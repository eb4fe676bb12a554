"""A desk of simulated analysts, a tiny champion that has much to learn, and the truth."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import torch

from policy.checkpoint import CARD, load, save, seal
from policy.data import Example
from policy.finetune.run import FinetuneSettings, Learned, finetune
from policy.labeller import Labeller
from policy.train import Report
from policy.types import SENTIMENTS, TOPICS
from policy.verdicts import Head, Verdict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_LABELS = {"topic": TOPICS, "sentiment": SENTIMENTS}


@dataclass(frozen=True, slots=True)
class Desk:
    """Analysts who answer about what a policy shows."""

    rows: Sequence[Example]  # with both labels known
    policy: Path
    analysts: int = 5
    errors: float = 0.0  # of every analyst
    adversary: str = ""  # the one of them who says the opposite
    corrections: float = 0.3  # part of the rejections that come with one
    shuffled: bool = False  # answers that belong to other headlines

    def verdicts(self, seed: int = 0) -> list[Verdict]:
        """One a known label of each row, a minute apart."""
        draw = random.Random(seed)
        said = Labeller.load(self.policy, "cpu").label(
            [each.text for each in self.rows], [each.target for each in self.rows]
        )
        answers = []
        for row, prediction in zip(self.rows, said, strict=True):
            heads: tuple[Head, ...] = ("topic", "sentiment")
            for head in heads:
                truth = getattr(row, head)
                if truth is not None:
                    shown = getattr(prediction, head)
                    answers.append(self._answer(draw, len(answers), row, head, shown, truth))
        return _exchanged(answers, draw) if self.shuffled else answers

    def _answer(
        self, draw: random.Random, number: int, row: Example, head: Head, shown: str, truth: str
    ) -> Verdict:
        analyst = f"analyst {draw.randrange(self.analysts)}"
        right = (shown == truth) != (draw.random() < self.errors)
        if analyst == self.adversary:
            right = not right
        wanted = truth if truth != shown else draw.choice(_LABELS[head])
        correction = wanted if not right and draw.random() < self.corrections else ""
        return Verdict(
            id=f"v{number:05d}",
            text=row.text,
            target=row.target,
            head=head,
            shown=shown,
            propensity=0.98,
            selection=1.0,
            analyst=analyst,
            answer="confirm" if right else "reject",
            correction=correction if correction != shown else "",
            reason="",
            at=NOW - timedelta(days=3) + timedelta(minutes=number),
            why="audit" if draw.random() < 0.1 else "uncertain",
        )


def _exchanged(verdicts: Sequence[Verdict], draw: random.Random) -> list[Verdict]:
    """The same answers in another order: nothing in them is about the headline any more."""
    order = list(range(len(verdicts)))
    draw.shuffle(order)
    return [
        replace(each, answer=verdicts[i].answer, correction=_other(verdicts[i].correction, each))
        for each, i in zip(verdicts, order, strict=True)
    ]


def _other(correction: str, verdict: Verdict) -> str:
    known = correction in _LABELS[verdict.head] and correction != verdict.shown
    return correction if known else ""


def labelled(rows: Sequence[Example], seed: int = 0) -> list[Example]:
    """The rows, targets off."""
    return [replace(each, target="") for each in rows]


def accuracy(policy: Path, rows: Sequence[Example]) -> float:
    """Of the known labels of both heads together, by the labels chosen."""
    said = Labeller.load(policy, "cpu").label(
        [each.text for each in rows], [each.target for each in rows]
    )
    hits = [
        getattr(prediction, head) == truth
        for row, prediction in zip(rows, said, strict=True)
        for head in _LABELS
        if (truth := getattr(row, head)) is not None
    ]
    return sum(hits) / len(hits)


@pytest.fixture(scope="session")
def novice(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny checkpoint with heads that have forgotten half of what they knew."""
    loaded = load(report.path)
    torch.manual_seed(1)
    for each in loaded.model.heads.parameters():
        noise = torch.randn_like(each) * each.std()
        each.data.add_(noise)
    loaded.model.choose_likeliest()
    out = tmp_path_factory.mktemp("novice")
    config = __import__("json").loads((report.path / "encoder.json").read_text())
    save(out, loaded.model, loaded.tokens, config, loaded.temperatures)
    shutil.copy(report.path / CARD, out / CARD)
    seal(out, encoder=loaded.description.encoder, created_by="a test", data={}, metrics={})
    return out


@pytest.fixture(scope="session")
def learn() -> Callable[..., Learned]:
    def run(champion: Path, verdicts: Sequence[Verdict], out: Path, **given: Any) -> Learned:
        settings = given.pop("settings", FinetuneSettings(batch=16, epochs=3))
        anchors, headlines = given.pop("anchors", []), given.pop("headlines", [])
        progress = given.pop("progress", lambda _: None)
        return finetune(
            settings, champion, verdicts, anchors, headlines, out, "cpu", NOW, progress, **given
        )

    return run
