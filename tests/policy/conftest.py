"""A tiny random BERT, headlines it can learn, a checkpoint of both."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tiny_policy import headlines, quick, write_bert

from policy.data import Example
from policy.settings import Settings
from policy.train import Report, train


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory as Hugging Face lays it out: 2 layers, hidden 32, random weights."""
    folder = tmp_path_factory.mktemp("tiny-bert")
    write_bert(folder)
    return folder


@pytest.fixture(scope="session")
def settings(tiny_bert: Path) -> Callable[..., Settings]:
    return partial(quick, tiny_bert)


@pytest.fixture(scope="session")
def make_headlines() -> Callable[..., list[Example]]:
    return headlines


@pytest.fixture(scope="session")
def report(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A short training run on the tiny encoder."""
    out = tmp_path_factory.mktemp("checkpoint")
    return train(quick(tiny_bert), headlines(1_000), out, "cpu", lambda _: None)


@pytest.fixture
def checkpoint(report: Report, tmp_path: Path) -> Path:
    """A copy of the trained checkpoint that a test may break."""
    return Path(shutil.copytree(report.path, tmp_path / "copy"))
