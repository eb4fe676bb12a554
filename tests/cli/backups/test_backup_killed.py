"""kill -9 at every step of a backup and of a restore: all of it is there, or nothing is."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from backup_desk import Lived, Machine, live_through, set_up
from checkpoints import write_checkpoint
from command_line import Command

from monitor.store import sqlite_files
from monitor.store.engine import open_store
from monitor.store.link_key import key_of
from policy.manifest import verify

SCRIPT = Path(__file__).with_name("killed_commands.py")


@pytest.fixture
def old(tmp_path: Path, noon: datetime) -> Machine:
    write_checkpoint(tmp_path / "home", "home")
    return set_up(tmp_path / "old", tmp_path / "home")


@pytest.fixture
def lived(old: Machine, tmp_path: Path, noon: datetime) -> Lived:
    return live_through(old, verify(tmp_path / "home").id, noon)


def lives(folder: Path, *words: str) -> list[Path]:
    """Copies of the folder after the command, each killed a step later; the last one was not."""
    root = str(Path(__file__).parents[3])
    command = [sys.executable, str(SCRIPT), str(folder), *words]
    subprocess.run(
        command, check=True, env={"PYTHONPATH": root, "OMP_NUM_THREADS": "1"}, capture_output=True
    )
    copies = folder.parent.glob(f"{folder.name}.*")
    return sorted(copies, key=lambda copy: int(copy.suffix[1:]))


def empty_machine(tmp_path: Path) -> Path:
    """Its configuration names nothing outside of the folder that the command runs in."""
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "c.toml").write_text(
        f'[store]\nurl = "sqlite:///store.db"\n[policy]\ncheckpoint = "{tmp_path / "home"}"\n'
    )
    return folder


def restored(folder: Path, lived: Lived) -> bool:
    """Whether all of it is there; asserts that otherwise nothing is."""
    file = folder / "store.db"
    if not file.exists():
        return False
    assert sqlite_files.fault(file) == ""
    there = Machine(folder, f"sqlite:///{file}").feeds() == ["Tidewater"]
    for id_ in (lived.live, lived.shadow) if there else ():
        assert verify(folder / "policies" / id_).id == id_
    return there


def test_a_restore_that_is_killed_has_restored_all_or_nothing_and_can_be_run_again(
    downdraft: Command, old: Machine, lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = tmp_path / "b.tar"
    assert downdraft("backup", backup, "--config", old.config).code == 0
    folders = lives(empty_machine(tmp_path), "restore", str(backup), "--config", "c.toml")
    assert len(folders) > 20
    done = [restored(folder, lived) for folder in folders]
    assert done == sorted(done), "once it is there, it stays there"
    assert (done[0], done[-1]) == (False, True)
    for folder in folders[: done.index(True) : 5]:
        monkeypatch.chdir(folder)
        said = downdraft("restore", backup, "--config", "c.toml")
        assert said.code == 0, (folder, said)
        assert restored(folder, lived)
        assert not list(folder.rglob(".*")), "what the killed one left is swept"


def test_a_restore_over_a_store_that_is_killed_loses_neither(
    downdraft: Command, old: Machine, lived: Lived, tmp_path: Path
) -> None:
    backup = tmp_path / "b.tar"
    assert downdraft("backup", backup, "--config", old.config).code == 0
    new = empty_machine(tmp_path)
    with closing(open_store(f"sqlite:///{new / 'store.db'}")) as store:
        key = key_of(store)
    words = ("restore", str(backup), "--force", "--config", "c.toml")
    done = []
    for folder in lives(new, *words):
        assert (folder / "store.db").exists(), "there is a store at any time"
        done.append(restored(folder, lived))
        (kept,) = folder.glob("store.db.before-*") if done[-1] else (folder / "store.db",)
        with closing(open_store(f"sqlite:///{kept}")) as store:
            assert key_of(store) == key
    assert done == sorted(done)
    assert (done[0], done[-1]) == (False, True)


def test_a_backup_that_is_killed_leaves_the_one_before_or_is_whole(
    downdraft: Command, old: Machine, lived: Lived, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (disk / "b.tar").write_text("last week's")
    folders = lives(disk, "backup", "b.tar", "--force", "--config", str(old.config))
    new = [one for one in folders if (one / "b.tar").read_bytes() != b"last week's"]
    assert 0 < len(new) < len(folders)
    for number, folder in enumerate(new):
        machine = set_up(tmp_path / f"new {number}", tmp_path / "home")
        said = downdraft("restore", folder / "b.tar", "--config", machine.config)
        assert said.code == 0, said.err
    left = [path for folder in folders for path in folder.glob(".downdraft*")]
    assert all(path.stat().st_mode & 0o777 == 0o700 for path in left), "it holds keys"
    assert left
