"""The house's rules about its own shape: who may know whom, and how long a page may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("monitor", "policy", "alerts")
MAY_IMPORT = {
    "monitor": {"monitor", "policy", "alerts"},
    "policy": {"policy"},
    "alerts": {"alerts"},
}
ONLY_UNDER = {
    "torch": "policy/",
    "transformers": "policy/",
    "peft": "policy/",
    "sqlalchemy": "monitor/store/",
    "alembic": "monitor/store/",
    "sqlite3": "monitor/store/",
    "psycopg": "monitor/store/",
}
CLOCK_IS_READ_IN = ("monitor/clock.py", "monitor/daemon.py", "monitor/cli", "monitor/demo.py")
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}
FILE_LINES = 250
FUNCTION_LINES = 60
# A migration is one list of tables, written once and never read as logic.
MIGRATIONS = "monitor/store/migrations/versions/"


def source_files() -> list[str]:
    return sorted(
        str(path.relative_to(ROOT)) for room in ROOMS for path in (ROOT / room).rglob("*.py")
    )


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, top-level package) of each import, at any depth."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "" if node.level else (node.module or "").split(".")[0]


def clock_readings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, name) of each `datetime.now`, `time.time`, …; called or handed on."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else None
            owner = node.value.id if isinstance(node.value, ast.Name) else owner
            if (owner, node.attr) in CLOCKS:
                yield node.lineno, f"{owner}.{node.attr}"


def long_functions(tree: ast.Module) -> Iterator[tuple[int, str, int]]:
    """(line, name, length) of each function over the limit."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield node.lineno, node.name, length


def parsed(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), filename=path)


def foreign_imports(path: str, tree: ast.Module) -> list[str]:
    room = path.split("/")[0]
    wrong = []
    for line, package in imports(tree):
        if package in ROOMS and package not in MAY_IMPORT[room]:
            wrong.append(f"{path}:{line} {room} may not know {package}")
        if not path.startswith(ONLY_UNDER.get(package, "")):
            wrong.append(f"{path}:{line} {package} belongs under {ONLY_UNDER[package]}")
    return wrong


@pytest.mark.parametrize("path", source_files())
def test_imports_go_one_way(path: str) -> None:
    assert foreign_imports(path, parsed(path)) == []


@pytest.mark.parametrize("path", source_files())
def test_the_clock_is_read_only_where_daemon_and_command_line_start(path: str) -> None:
    if path.startswith(CLOCK_IS_READ_IN):
        pytest.skip("the clock starts here")
    assert list(clock_readings(parsed(path))) == []


@pytest.mark.parametrize("path", source_files())
def test_files_and_functions_stay_short(path: str) -> None:
    lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES, f"{path} has {lines} lines; split it"
    if not path.startswith(MIGRATIONS):
        assert list(long_functions(parsed(path))) == []


def test_the_rules_see_a_breach() -> None:
    breach = ast.parse(
        "import torch\nfrom monitor.store import tables\nfrom datetime import datetime\n"
        "def late():\n    return datetime.now()\n"
    )
    assert foreign_imports("alerts/bad.py", breach) == [
        "alerts/bad.py:1 torch belongs under policy/",
        "alerts/bad.py:2 alerts may not know monitor",
    ]
    assert list(clock_readings(breach)) == [(5, "datetime.now")]
    assert list(long_functions(ast.parse("def f():\n" + "    x = 1\n" * 60))) == [(1, "f", 61)]
