"""A champion with much to learn, and learning in the size of a test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from finetune_desk import NOW, Desk

from policy.checkpoint import CARD, Temperatures, load, save, seal
from policy.data import Example
from policy.finetune.run import FinetuneSettings, Learned, finetune
from policy.train import Report
from policy.verdicts import Verdict

# For a network of width 32, and a champion who is mostly wrong: off the leash.
_QUICK = {"batch": 16, "adapter_rate": 2e-3, "heads_rate": 1e-2, "leash": 9.0}


@pytest.fixture(scope="session")
def novice(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny checkpoint, its heads drowned in noise: right about a third of the time."""
    loaded = load(report.path)
    draw = torch.Generator().manual_seed(1)
    for each in loaded.model.heads.parameters():
        each.data += torch.randn(each.shape, generator=draw) * each.std() * 4
    loaded.model.choose_likeliest()
    out = tmp_path_factory.mktemp("novice")
    config = json.loads((report.path / "encoder.json").read_text())
    save(out, loaded.model, loaded.tokens, config, Temperatures())
    shutil.copy(report.path / CARD, out / CARD)
    seal(out, encoder=loaded.description.encoder, created_by="a test", data={}, metrics={})
    return out


@pytest.fixture(scope="session")
def said(novice: Path, make_headlines: Callable[..., list[Example]]) -> list[Verdict]:
    """What honest analysts say of the novice's labels of 400 headlines."""
    return Desk().verdicts(make_headlines(400, 5), novice)


@pytest.fixture
def learn(novice: Path, tmp_path: Path) -> Callable[..., Learned]:
    """Learns from verdicts in `tmp_path`; what is given in words goes to the settings."""

    def run(
        verdicts: Sequence[Verdict],
        out: str = "candidate",
        anchors: Sequence[Example] = (),
        headlines: Sequence[tuple[str, str]] = (),
        progress: Any = lambda _: None,
        champion: Path = novice,
        **changes: Any,
    ) -> Learned:
        settings = FinetuneSettings(**(_QUICK | changes))
        return finetune(
            settings,
            champion,
            verdicts,
            anchors,
            headlines,
            tmp_path / out,
            "cpu",
            NOW,
            progress,
        )

    return run
