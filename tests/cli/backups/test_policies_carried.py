"""Checkpoints carried to another machine: what is live, what a rollback needs, what is on trial."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import datetime
from pathlib import Path

from backup_desk import Lived, Machine, set_up
from checkpoints import SHIPPED_ID, write_checkpoint
from command_line import Command

from monitor.learning import promoting
from monitor.store import learning
from monitor.store.link_key import key_of
from policy.manifest import verify


def test_policies_lie_where_the_new_machine_keeps_them_and_can_be_rolled_back(
    downdraft: Command, old: Machine, lived: Lived, new: Machine
) -> None:
    downdraft("backup", "b.tar", "--config", old.config)
    shutil.rmtree(old.folder)
    downdraft("restore", "b.tar", "--config", new.config)
    rows = json.loads(downdraft("policy", "list", "--json", "--config", new.config).out)
    listed = {row["id"]: row for row in rows}
    assert listed[lived.live]["live"]
    for id_ in (lived.live, lived.shadow, lived.refused):
        assert listed[id_]["path"] == str(new.policies / id_)
    for id_ in (lived.live, lived.shadow):
        assert verify(new.policies / id_).id == id_
    assert not (new.policies / lived.refused).exists(), "nothing needs it any more"
    assert not (new.policies / lived.home).exists(), "it lies where it is configured"
    assert downdraft("policy", "rollback", "--reason", "x", "--config", new.config).code == 0
    rows = json.loads(downdraft("policy", "list", "--json", "--config", new.config).out)
    assert [row["id"] for row in rows if row["live"]] == [lived.home]


def test_a_policy_that_the_new_installation_does_not_bring_along_is_put_there(
    downdraft: Command, old: Machine, lived: Lived, tmp_path: Path
) -> None:
    downdraft("backup", "b.tar", "--config", old.config)
    write_checkpoint(tmp_path / "newer home", "another version's")
    new = set_up(tmp_path / "new", tmp_path / "newer home")
    downdraft("restore", "b.tar", "--config", new.config)
    assert verify(new.policies / lived.home).id == lived.home
    said = downdraft("policy", "rollback", "--reason", "x", "--config", new.config)
    assert said.code == 0, said.err


def test_candidates_that_still_lie_where_they_were_are_left_there(
    downdraft: Command, old: Machine, lived: Lived, new: Machine
) -> None:
    downdraft("backup", "b.tar", "--config", old.config)
    downdraft("restore", "b.tar", "--config", new.config)
    with closing(new.open()) as store, store.read() as tx:
        places = {one.id: Path(one.path).parent for one in learning.checkpoints(tx)}
    assert places[lived.refused] == old.policies
    assert places[lived.live] == new.policies


def test_the_policy_that_comes_along_is_copied_only_where_the_store_names_it(
    downdraft: Command, on_sqlite: Machine, tmp_path: Path, noon: datetime
) -> None:
    plain = set_up(tmp_path / "p", tmp_path / "unused")
    plain.config.write_text(f'[store]\nurl = "{plain.url}"\n')
    with closing(plain.open()) as store:
        key_of(store)
    assert downdraft("backup", "1.tar", "--json", "--config", plain.config).json["missing"] == []
    assert (tmp_path / "1.tar").stat().st_size < 2_000_000
    with closing(plain.open()) as store, store.write() as tx:
        promoting.promote(tx, "0" * 12, SHIPPED_ID, "try", "me", noon)
    said = downdraft("backup", "2.tar", "--json", "--config", plain.config)
    assert said.json["checkpoints"] == [SHIPPED_ID]


def test_a_backup_without_a_checkpoint_that_is_needed_says_so_and_exits_1(
    downdraft: Command, old: Machine, lived: Lived, new: Machine
) -> None:
    (old.policies / lived.live / "weights.safetensors").write_text("altered")
    said = downdraft("backup", "b.tar", "--json", "--config", old.config)
    assert said.code == 1
    assert said.json["missing"] == [lived.live]
    assert sorted([lived.home, lived.shadow]) == said.json["checkpoints"]
    told = downdraft("restore", "b.tar", "--config", new.config)
    assert told.code == 0, "the store is worth having by itself"
    assert f"WITHOUT {lived.live}" in told.out


def test_a_training_that_the_restored_store_has_never_begun_is_given_up(
    downdraft: Command, on_sqlite: Machine, new: Machine
) -> None:
    downdraft("backup", "b.tar", "--config", on_sqlite.config)
    (new.policies / "training").mkdir(parents=True)
    (new.policies / "training.json").write_text("{}")
    downdraft("restore", "b.tar", "--config", new.config)
    assert not list(new.policies.glob("training*"))
