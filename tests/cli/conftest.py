"""The command line, run in this process."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from command_line import Command, Said

from monitor.cli import main


@pytest.fixture
def downdraft(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Command:
    """Runs a command in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object, stdin: str = "") -> Said:
        monkeypatch.setattr("sys.argv", ["downdraft", *map(str, words)])
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run
