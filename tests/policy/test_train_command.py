"""`downdraft train`: files in, a checkpoint out, one line for what it cannot do."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.cli import main
from policy.data import Example
from policy.manifest import LINEAR, describe
from policy.opening import open_policy

Maker = Callable[..., list[Example]]
Command = Callable[..., tuple[int, str]]


@pytest.fixture
def downdraft(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    """Runs `downdraft train` in a folder of its own: exit code, and what it said on the way."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["downdraft", "train", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        return code, capsys.readouterr().err

    return run


@pytest.fixture
def labelled(tmp_path: Path, make_headlines: Maker) -> Path:
    file = tmp_path / "labelled.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["text", "target", "topic", "sentiment"])
        for each in make_headlines(400):
            rows.writerow([each.text, each.target, each.topic or "", each.sentiment or ""])
    return file


def test_an_encoder_is_trained_and_its_figures_are_said(
    downdraft: Command, labelled: Path, tiny_bert: Path
) -> None:
    plan = ("--epochs", 1, "--folds", 0, "--seed", 3)
    code, said = downdraft(labelled, "--out", "new", "--encoder", tiny_bert, *plan)
    assert code == 0
    known = describe(Path("new"))
    assert "--seed 3 --epochs 1 --folds 0" in known.created_by
    assert known.data["sources"][0]["name"] == "labelled.csv"
    assert known.id in said
    assert "macro-F1" in said


def test_the_linear_policy_is_trained_by_the_same_command(
    downdraft: Command, labelled: Path
) -> None:
    code, said = downdraft(labelled, "--out", "new", "--encoder", "linear")
    assert code == 0
    assert describe(Path("new")).encoder == LINEAR
    assert describe(Path("new")).id in said
    (answer,) = open_policy(Path("new")).label(["norcast collapses amid talks , oil"])
    assert answer.topic == "Energy | Oil"


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["--encoder", "linear", "--teacher", "TEACHER"], "--encoder linear: takes labelled"),
        (["--unlabelled", "ARCHIVE"], "teach nothing without --teacher"),
        (["--teacher", "NOWHERE"], "NOWHERE"),
        (["--encoder", "linear", "--out", "FULL"], "holds other files (diary.txt)"),
    ],
)
def test_what_cannot_be_done_gets_one_line_and_loses_nothing(
    downdraft: Command, labelled: Path, words: list[str], wrong: str
) -> None:
    Path("FULL").mkdir()
    Path("FULL/diary.txt").write_text("Tuesday")
    code, said = downdraft(labelled, "--out", "new", *words)
    assert code != 0
    (line,) = [each for each in said.splitlines() if each.startswith("downdraft:")]
    assert wrong in line
    assert not Path("new").exists()
    assert Path("FULL/diary.txt").read_text() == "Tuesday"
