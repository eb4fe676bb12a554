"""downdraft bandit: fixed fields, other people's labels, runs that are kept, refusals."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tiny_policy import headlines, write_bert

from monitor.cli import main

LEARNER = {"accuracy", "accuracy_se", "macro_f1", "ece", "gap_closed", "online_reward"}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoder")
    write_bert(folder)
    return folder


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four hundred rows with labels of their own, one of them on a single row."""
    words = {"negative": "bad", "neutral": "flat", "positive": "good"}
    told = enumerate([each for each in headlines(1200) if each.sentiment][:400])
    rows = [[f"{each.text} {n}", words[each.sentiment or ""]] for n, each in told]
    rows[7][1] = "unheard-of"
    path = tmp_path_factory.mktemp("data") / "theirs.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["text", "topic"], *rows])
    return path


class Command:
    """The command with its cache in a folder of its own."""

    def __init__(self, encoder: Path, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._always = ["--encoder", str(encoder), "--cache", str(cache)]
        self._capsys = capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["downdraft", "bandit", *words, *self._always])
            with pytest.raises(SystemExit) as end:
                main()
        said = self._capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err


@pytest.fixture
def command(encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(encoder, tmp_path, capsys)


def test_the_document_has_the_fields_that_scripts_read(command: Command, file: Path) -> None:
    names = "verdict_likelihood,confirm_only"
    code, out, _ = command(str(file), "--learners", names, "--seeds", "2", "--json")
    assert code == 0
    document = json.loads(out)
    assert (document["dataset"], document["classes"]) == ("theirs", 4)
    assert document["warm"] + document["verdicts"] + document["test_rows"] == 400
    assert set(document["learners"]) == {"verdict_likelihood", "confirm_only"}
    for told in document["learners"].values():
        assert set(told) >= LEARNER
    for end in ("frozen", "skyline"):
        assert 0 <= document[end]["accuracy"] <= 1


def test_what_was_run_is_kept_and_the_same_to_the_bit_when_run_anew(
    command: Command, file: Path, tmp_path: Path
) -> None:
    words = (str(file), "--learners", "verdict_likelihood", "--noise", "0.1", "--json")
    first = command(*words)[1]
    kept = sorted(tmp_path.glob("bandit/*.json"))
    assert len(kept) == 2
    before = {each: each.read_bytes() for each in kept}
    kept[0].unlink()
    assert command(*words)[1] == first
    assert {each: each.read_bytes() for each in kept} == before


def test_the_desk_can_be_made_worse(command: Command, file: Path) -> None:
    words = (str(file), "--learners", "verdict_likelihood", "--json")
    bad = json.loads(command(*words, "--adversaries", "1", "--corrections", "0.3")[1])
    assert len(bad["learners"]["verdict_likelihood"]["named_after"]) == 1
    named = json.loads(command(*words, "--arm", "corrupted")[1])
    assert named["arm"] == "corrupted"


def test_people_get_a_table(command: Command, file: Path) -> None:
    code, out, _ = command(str(file), "--learners", "confirm_only")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[2:]] == [
        "frozen", "skyline", "confirm_only",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("--warm", "390"), 3, "too few for a warm start of 390"),
        (("--learners", "nobody"), 3, "'nobody' does not take part"),
        (("--arm", "nothing"), 3, "no arm is called 'nothing'"),
        (("--verdicts", "0"), 2, "--verdicts 0"),
    ],
)
def test_a_refusal_is_one_line(
    command: Command, file: Path, words: tuple[str, ...], code: int, why: str
) -> None:
    status, out, err = command(str(file), *words)
    assert (status, out) == (code, "")
    assert err.splitlines()[-1].startswith("downdraft: ")
    assert why in err


def test_a_missing_file_is_named(command: Command, tmp_path: Path) -> None:
    status, _, err = command(str(tmp_path / "none.csv"))
    assert status == 3
    assert "no such file" in err
