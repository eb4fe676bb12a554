"""`downdraft backup` and `restore`: one machine's memory carried to another."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from backup_desk import Lived, Machine, set_up
from command_line import Command

from monitor.store import alerts
from monitor.store.engine import open_store
from monitor.store.link_key import key_of
from policy.manifest import verify


def test_a_backup_says_what_is_in_it_and_only_its_owner_may_read_it(
    downdraft: Command, old: Machine, lived: Lived, tmp_path: Path
) -> None:
    said = downdraft("backup", "b.tar", "--json", "--config", old.config)
    assert said.code == 0, said.err
    kind = "sqlite" if old.url.startswith("sqlite") else "postgresql"
    ids = sorted([lived.home, lived.live, lived.shadow])
    counted = {"articles": 0, "alerts": 1, "verdicts": 0, "checkpoints": ids, "missing": []}
    assert said.json | counted | {"store": kind, "file": "b.tar"} == said.json
    assert said.json["bytes"] == (tmp_path / "b.tar").stat().st_size
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600
    with tarfile.open(tmp_path / "b.tar") as tar:
        names = tar.getnames()
    assert names[:2] == ["manifest.json", "store.db"]
    assert {name.rsplit(".", 1)[1] for name in names} == {"json", "db", "safetensors", "md"}
    assert not list(tmp_path.glob(".downdraft*")), "nothing is left beside it"


def test_a_backup_says_so_in_one_line(downdraft: Command, old: Machine, lived: Lived) -> None:
    (line,) = downdraft("backup", "b.tar", "--config", old.config).out.splitlines()
    assert line.startswith("b.tar: a ")
    assert "0 articles, 1 alerts, 0 verdicts, checkpoints " in line
    assert lived.live in line


def test_what_was_restored_goes_on_where_the_old_one_stopped(
    downdraft: Command, old: Machine, lived: Lived, new: Machine
) -> None:
    downdraft("backup", "b.tar", "--config", old.config)
    with closing(old.open()) as store:
        key = key_of(store)
    shutil.rmtree(old.folder)  # the old machine has burnt down
    said = downdraft("restore", "b.tar", "--config", new.config)
    assert said.code == 0, said.err
    assert new.feeds() == ["Tidewater"]
    with closing(new.open()) as store:
        assert key_of(store) == key, "links in mail that was sent still hold"
        with store.read() as tx:
            (delivery,) = alerts.deliveries(tx, "a1")
    assert (delivery.id, delivery.state) == ("msg_1", "pending")
    assert (new.folder / "store.db").stat().st_mode & 0o777 == 0o600
    assert not list(new.folder.rglob(".*")), "nothing is left of the work"
    state = downdraft("status", "--json", "--config", new.config).json
    assert [one["id"] for one in state["alerts"]] == ["a1"]  # type: ignore[attr-defined]
    assert downdraft("explain", "a1", "--config", new.config).code == 0


def test_a_postgresql_takes_what_either_was(
    downdraft: Command, old: Machine, lived: Lived, home: Path, other_database: str, tmp_path: Path
) -> None:
    downdraft("backup", "b.tar", "--config", old.config)
    new = set_up(tmp_path / "new", home, other_database)
    said = downdraft("restore", "b.tar", "--json", "--config", new.config)
    assert said.code == 0, said.err
    assert said.json["aside"] is None
    assert new.feeds() == ["Tidewater"]
    assert verify(new.policies / lived.live).id == lived.live
    assert not list(new.folder.rglob(".downdraft*"))
    shutil.rmtree(new.policies)
    again = downdraft("restore", "b.tar", "--force", "--config", new.config)
    assert again.refuses("is not empty, and a PostgreSQL database is never overwritten")
    assert not new.policies.exists(), "told before anything is written"


def test_a_file_that_is_there_is_overwritten_only_by_force(
    downdraft: Command, on_sqlite: Machine, tmp_path: Path
) -> None:
    (tmp_path / "b.tar").write_text("last week's")
    said = downdraft("backup", "b.tar", "--config", on_sqlite.config)
    assert said.refuses("is there already")
    assert (tmp_path / "b.tar").read_text() == "last week's"
    assert downdraft("backup", "b.tar", "--force", "--config", on_sqlite.config).code == 0
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("file", "told"), [(".", "is a folder"), ("no/such/b.tar", "its folder is not there")]
)
def test_where_no_file_can_be_is_refused(
    downdraft: Command, on_sqlite: Machine, file: str, told: str
) -> None:
    assert downdraft("backup", file, "--config", on_sqlite.config).refuses(told)


def test_no_store_and_an_empty_one_are_refused_rather_than_kept_as_a_good_backup(
    downdraft: Command, new: Machine, tmp_path: Path
) -> None:
    assert downdraft("backup", "b.tar", "--config", new.config).refuses("is not there")
    assert not (new.folder / "store.db").exists()
    new.open().close()
    assert downdraft("backup", "b.tar", "--config", new.config).refuses("holds nothing")
    assert not (tmp_path / "b.tar").exists()


def test_a_damaged_store_is_told_and_last_weeks_backup_stays(
    downdraft: Command, on_sqlite: Machine, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(on_sqlite.folder / "store.db")) as raw:
        raw.execute("insert into story_key values (1, 99, '2031-03-04')")
        raw.commit()
    (tmp_path / "b.tar").write_text("last week's")
    said = downdraft("backup", "b.tar", "--force", "--config", on_sqlite.config)
    assert said.refuses("is damaged")
    assert (tmp_path / "b.tar").read_text() == "last week's"


def test_a_store_that_is_not_empty_is_given_another_name_by_force_and_nothing_is_lost(
    downdraft: Command, on_sqlite: Machine, new: Machine, noon: datetime
) -> None:
    downdraft("backup", "b.tar", "--config", on_sqlite.config)
    with closing(new.open()) as store:
        key = key_of(store)
    assert downdraft("restore", "b.tar", "--config", new.config).refuses("is not empty")
    said = downdraft("restore", "b.tar", "--force", "--json", "--config", new.config)
    assert new.feeds() == ["Tidewater"]
    with closing(open_store(f"sqlite:///{said.json['aside']}")) as store:
        assert key_of(store) == key


def test_a_store_that_a_daemon_has_open_is_left_alone_even_by_force(
    downdraft: Command, on_sqlite: Machine, new: Machine
) -> None:
    downdraft("backup", "b.tar", "--config", on_sqlite.config)
    with closing(new.open()) as store:
        with store.read() as tx:
            assert alerts.pending_count(tx) == 0
        assert downdraft("restore", "b.tar", "--config", new.config).refuses("in use")
        assert downdraft("restore", "b.tar", "--force", "--config", new.config).refuses("in use")
    assert not new.policies.exists(), "told before anything is written"
    assert new.feeds() == []
    assert downdraft("restore", "b.tar", "--config", new.config).code == 0


def test_a_name_or_a_place_that_the_system_does_not_take_is_one_line(
    downdraft: Command, on_sqlite: Machine, new: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = downdraft("backup", f"{'x' * 300}.tar", "--config", on_sqlite.config)
    assert said.refuses("cannot be written: File name too long")
    downdraft("backup", "b.tar", "--config", on_sqlite.config)
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", f"sqlite:///{new.config}/store.db")
    assert downdraft("restore", "b.tar", "--config", new.config).refuses("cannot be written")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_root_restores_belongs_to_the_owner_of_the_folder(
    downdraft: Command, on_sqlite: Machine, new: Machine
) -> None:
    downdraft("backup", "b.tar", "--config", on_sqlite.config)
    os.chown(new.folder, 4_321, 4_321)
    downdraft("restore", "b.tar", "--config", new.config)
    found = [new.folder / "store.db", new.policies, *new.policies.rglob("*")]
    assert len(found) > 5
    assert {each.stat().st_uid for each in found} == {4_321}
