"""A machine that has lived, another that is new, and a file that is to be refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from backup_desk import Lived, Machine, live_through, set_up
from checkpoints import write_checkpoint
from command_line import Command

from policy.manifest import verify


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The configured checkpoint, on a disk that both machines see."""
    write_checkpoint(tmp_path / "home", "home")
    return tmp_path / "home"


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path, home: Path) -> Machine:
    url = request.getfixturevalue("postgresql_database") if request.param == "postgresql" else ""
    return set_up(tmp_path / "old", home, url)


@pytest.fixture
def lived(old: Machine, home: Path, noon: datetime) -> Lived:
    return live_through(old, verify(home).id, noon)


@pytest.fixture
def new(tmp_path: Path, home: Path) -> Machine:
    return set_up(tmp_path / "new", home)


@pytest.fixture
def on_sqlite(tmp_path: Path, home: Path, noon: datetime) -> Machine:
    machine = set_up(tmp_path / "plain", home)
    live_through(machine, verify(home).id, noon)
    return machine


@pytest.fixture
def other_database(postgresql_url: str, tmp_path: Path) -> str:
    import psycopg

    name = f"other_{abs(hash(tmp_path.name)) % 10**12}"
    with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    return f"{postgresql_url.rsplit('/', 1)[0]}/{name}"


@pytest.fixture
def backup(downdraft: Command, on_sqlite: Machine, tmp_path: Path) -> Path:
    assert downdraft("backup", "b.tar", "--config", on_sqlite.config).code == 0
    return tmp_path / "b.tar"


@pytest.fixture
def refused(downdraft: Command, new: Machine) -> Callable[[Path, str], None]:
    """Restores a file, in vain."""

    def check(file: Path, told: str) -> None:
        said = downdraft("restore", file, "--config", new.config)
        assert said.code == 3, said
        assert said.is_one_line()
        assert told in said.err
        assert [each.name for each in new.folder.rglob("*")] == ["c.toml"]

    return check
