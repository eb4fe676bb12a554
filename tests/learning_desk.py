"""A policy that knows half of the words it meets, and a desk of analysts who know them all."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import torch
from tiny_policy import MOODS, headlines, quick, write_bert

from policy.checkpoint import CARD, Temperatures, load, save, seal
from policy.data import Example
from policy.finetune.settings import FinetuneSettings
from policy.train import train
from policy.types import Policy
from policy.verdicts import Verdict, Why

FAMILIAR = {mood: verbs[:2] for mood, verbs in MOODS.items()}
NEW = {mood: verbs[2:] for mood, verbs in MOODS.items()}
QUICK = FinetuneSettings(epochs=6, adapter_rate=1e-3)  # for a network of width 32


def write_champion(folder: Path) -> Path:
    """Taught the familiar verbs alone, with some wrong labels, so that it doubts what is new."""
    encoder, out = folder / "encoder", folder / "champion"
    encoder.mkdir(parents=True)
    write_bert(encoder)
    draw, rows = random.Random(3), headlines(1_500, 0, FAMILIAR)
    rows = [_doubtful(row, draw) for row in rows]
    train(quick(encoder, folds=0, epochs=3), rows, out, "cpu", lambda _: None)
    return out


def _doubtful(row: Example, draw: random.Random) -> Example:
    wrong = row.sentiment and draw.random() < 0.15
    return replace(row, sentiment=draw.choice(list(MOODS))) if wrong else row


def write_worse(champion: Path, out: Path) -> str:
    """The champion with its heads drowned in noise; returns its id."""
    loaded = load(champion)
    draw = torch.Generator().manual_seed(1)
    for each in loaded.model.heads.parameters():
        each.data += torch.randn(each.shape, generator=draw) * each.std() * 4
    loaded.model.choose_likeliest()
    config = json.loads((champion / "encoder.json").read_text())
    save(out, loaded.model, loaded.tokens, config, Temperatures())
    shutil.copy(champion / CARD, out / CARD)
    return seal(out, encoder=loaded.description.encoder, created_by="test", data={}, metrics={}).id


def moods_of(count: int, seed: int, verbs: dict[str, tuple[str, ...]]) -> list[Example]:
    """Headlines with a known sentiment, no two alike: each ends in places of its own."""
    rows = [row for row in headlines(2 * count, seed, verbs) if row.sentiment][:count]
    tails = (f"{seed}a{n} {seed}b{n}" for n in range(count))
    return [replace(row, text=f"{row.text} {tail}") for row, tail in zip(rows, tails, strict=True)]


def stream(count: int, seed: int, new: float = 0.35) -> list[Example]:
    """As the news brings them: some with verbs that the champion never met."""
    draw = random.Random(seed)
    pairs = zip(moods_of(count, seed, FAMILIAR), moods_of(count, seed + 1, NEW), strict=True)
    return [unknown if draw.random() < new else known for known, unknown in pairs]


@dataclass(frozen=True)
class Desk:
    """Analysts in turn; each answer a minute after the one before."""

    analysts: tuple[str, ...] = ("ada", "ben", "cleo", "dora")
    corrections: float = 0.5  # part of the rejections that name the right label
    shuffled: bool = False  # what is answered has nothing to do with the headline

    def verdicts(
        self, rows: Sequence[Example], policy: Policy, begin: datetime, name: str = "v"
    ) -> list[Verdict]:
        """On the label that the policy would show."""
        said = policy.label([row.text for row in rows], [row.target for row in rows])
        draw, truths = random.Random(7), [str(row.sentiment) for row in rows]
        if self.shuffled:
            draw.shuffle(truths)
        answers = zip(rows, said, truths, strict=True)
        return [
            self._answer(draw, f"{name}{n}", n, row, answer.sentiment, truth, begin)
            for n, (row, answer, truth) in enumerate(answers)
        ]

    def _answer(
        self,
        draw: random.Random,
        id_: str,
        number: int,
        row: Example,
        shown: str,
        truth: str,
        begin: datetime,
    ) -> Verdict:
        right = shown == truth
        correction = truth if not right and draw.random() < self.corrections else ""
        return self._verdict(id_, number, row, shown, right, correction, begin, "uncertain")

    def blind(self, rows: Iterable[Example], begin: datetime, name: str) -> list[Verdict]:
        """On pairs of labels in blind order, of which the right one is named."""
        return [
            self._verdict(
                f"{name}{n}", n, row, "", False, str(row.sentiment), begin, "disagreement"
            )
            for n, row in enumerate(rows)
        ]

    def _verdict(
        self,
        id_: str,
        number: int,
        row: Example,
        shown: str,
        right: bool,
        correction: str,
        begin: datetime,
        why: Why,
    ) -> Verdict:
        return Verdict(
            id=id_,
            text=row.text,
            target=row.target,
            head="sentiment",
            shown=shown,
            propensity=0.98 if shown else 1.0,
            selection=1.0,
            analyst=self.analysts[number % len(self.analysts)],
            answer="confirm" if right else "reject",
            correction=correction,
            reason="",
            at=begin + timedelta(minutes=number),
            why=why,
        )


def accuracy(policy: Policy, rows: Sequence[Example]) -> float:
    """Of the sentiments chosen."""
    said = policy.label([row.text for row in rows], [row.target for row in rows])
    return sum(a.sentiment == r.sentiment for a, r in zip(said, rows, strict=True)) / len(rows)


def differing(rows: Iterable[Example], one: Policy, other: Policy) -> list[Example]:
    """Those on whose sentiment two policies differ."""
    some = list(rows)
    texts, targets = [row.text for row in some], [row.target for row in some]
    pairs = zip(one.label(texts, targets), other.label(texts, targets), strict=True)
    return [row for row, (a, b) in zip(some, pairs, strict=True) if a.sentiment != b.sentiment]
