"""`downdraft policy check`: a table for people, a document for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.cli import main
from policy.checklist.cases import read_capabilities
from policy.checkpoint import SHIPPED, describe


def check(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["downdraft", "policy", "check", *words])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


def test_the_document_has_every_capability_with_rate_and_examples(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(monkeypatch, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["policy"] == describe(SHIPPED).id
    assert 0 < document["rate"] <= 1
    names = [each["name"] for each in document["capabilities"]]
    wanted = [each.name for each in read_capabilities()]
    assert names == [*wanted, "odd texts", "alone or in a batch"]
    for each in document["capabilities"]:
        assert each["rate"] == pytest.approx(each["passed"] / each["cases"], abs=1e-4)
        assert len(each["worst"]) == min(3, each["cases"] - each["passed"])
        assert (each["movement"] is None) == (each["kind"] != "INV")


def test_the_table_has_a_line_for_every_capability_and_the_mean(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(monkeypatch, describe(SHIPPED).id) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith("capability")
    assert len(lines) == len(read_capabilities()) + 3
    assert all("%" in line for line in lines)
    assert lines[-1].startswith("mean of the rates")


def test_a_checkpoint_that_is_not_there_exits_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert check(monkeypatch, str(tmp_path / "none")) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("downdraft: ")
    assert said.err.count("\n") == 1
