"""What several rooms' tests share: a store of each kind, a clock that stands still."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from monitor.store.engine import Store, open_store

NOON = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Commands that ran in a test have set up logs of their own; the next test has none."""
    root = logging.getLogger()
    level = root.level
    yield
    structlog.reset_defaults()
    root.setLevel(level)
    for handler in [one for one in root.handlers if type(one) is logging.StreamHandler]:
        root.removeHandler(handler)


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def shared_data() -> Path:
    """The labelled files, archives and real feeds that lie beside the repository."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is missing: real data cannot be read here")
    return SHARED


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A fresh store: the contract holds on both databases."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
    else:
        url = request.getfixturevalue("postgresql_database")
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def postgresql_database(postgresql_url: str, tmp_path: Path) -> str:
    """The URL of an empty database."""
    return fresh_database(postgresql_url, tmp_path.name)


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A throw-away PostgreSQL server on loopback, or the one that the environment names."""
    given = os.environ.get("DOWNDRAFT_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("no PostgreSQL server here: install Debian's postgresql")
    # Not under pytest's own folder: that one is closed to the user the server runs as.
    folder = Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    control = start_server(programs[-1].parent, folder, port)
    yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    subprocess.run([*control, "stop", "-m", "immediate"], check=True, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def start_server(programs: Path, folder: Path, port: int) -> list[str]:
    """Starts a cluster in `folder`; returns the command that controls it."""
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "postgres")
    data = str(folder / "data")
    init = [*as_user, str(programs / "initdb"), "-D", data, "-U", "postgres", "-A", "trust"]
    subprocess.run([*init, "--no-sync"], check=True, capture_output=True, cwd="/")
    control = [*as_user, str(programs / "pg_ctl"), "-D", data, "-w"]
    options = f"-p {port} -h 127.0.0.1 -k {folder} -F"
    log = str(folder / "log")
    subprocess.run(
        [*control, "-l", log, "-o", options, "start"],
        check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return control


def fresh_database(url: str, name: str) -> str:
    import psycopg

    plain = url.replace("+psycopg", "")
    unique = f"t_{abs(hash(name)) % 10**12}_{os.getpid()}"
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'create database "{unique}"')
    return f"{url.rsplit('/', 1)[0]}/{unique}"


@pytest.fixture(scope="session")
def half_taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint that knows half of the verbs it meets; not to be changed."""
    from learning_desk import write_champion  # torch: only for those who ask

    return write_champion(tmp_path_factory.mktemp("half-taught"))
