"""`downdraft restore` of what was made to do harm: one line, exit 3, no trace."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from archives import packed, unpacked
from backup_desk import Machine
from command_line import Command


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "/tmp/evil.json",
        "checkpoints/../../evil.json",
        "checkpoints/0123456789ab/../../../evil.json",
        "checkpoints/0123456789ab/weights.pkl",
        "evil.json",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(
    refused: Callable[[Path, str], None], backup: Path, name: str
) -> None:
    manifest, members = unpacked(backup)
    refused(packed(backup, manifest, {**members, name: b"{}"}), "is not ours")


@pytest.mark.parametrize(
    ("type_", "size"),
    [
        (tarfile.SYMTYPE, 0),
        (tarfile.LNKTYPE, 0),
        (tarfile.DIRTYPE, 0),
        (tarfile.FIFOTYPE, 0),
        (tarfile.GNUTYPE_SPARSE, 1 << 50),
        (tarfile.XHDTYPE, 1 << 50),
        (tarfile.REGTYPE, 1 << 50),
        (tarfile.REGTYPE, -512),
    ],
)
def test_links_and_sizes_that_are_not_there_are_refused(
    refused: Callable[[Path, str], None], backup: Path, type_: bytes, size: int
) -> None:
    manifest, _ = unpacked(backup)
    text = json.dumps(manifest).encode()
    first, second = tarfile.TarInfo("manifest.json"), tarfile.TarInfo("store.db")
    first.size, second.size, second.type, second.linkname = len(text), size, type_, "/etc/passwd"
    header = second.tobuf(tarfile.GNU_FORMAT)
    backup.write_bytes(
        first.tobuf(tarfile.GNU_FORMAT) + text + bytes(-len(text) % 512) + header + bytes(1024)
    )
    refused(backup, "is no file that is all there")


def test_a_member_that_comes_twice_is_refused(
    refused: Callable[[Path, str], None], backup: Path
) -> None:
    with tarfile.open(backup, "a") as tar:
        (info,) = [each for each in tar if each.name == "store.db"]
        tar.addfile(info, io.BytesIO(bytes(info.size)))
    refused(backup, "is not as its manifest says")


def test_a_checkpoint_that_is_another_is_refused_and_not_put_down(
    downdraft: Command, backup: Path, new: Machine
) -> None:
    manifest, members = unpacked(backup)
    one = manifest["checkpoints"][0]
    for name in [name for name in members if one in name]:
        members[name.replace(one, "0123456789ab")] = members.pop(name)
        del manifest["members"][name]
    manifest["checkpoints"][0] = "0123456789ab"
    packed(backup, manifest, members)
    said = downdraft("restore", backup, "--config", new.config)
    assert (said.code, said.is_one_line()) == (3, True)
    assert "what it calls checkpoint 0123456789ab is" in said.err
    assert not (new.policies / "0123456789ab").exists()
    assert not (new.folder / "store.db").exists()


def test_a_store_that_would_act_by_itself_is_refused(
    refused: Callable[[Path, str], None], backup: Path, tmp_path: Path
) -> None:
    manifest, members = unpacked(backup)
    (tmp_path / "x.db").write_bytes(members["store.db"])
    with closing(sqlite3.connect(tmp_path / "x.db")) as raw:
        raw.execute("create trigger sly after insert on feed begin delete from verdict; end")
        raw.commit()
    members["store.db"] = (tmp_path / "x.db").read_bytes()
    refused(packed(backup, manifest, members), "holds sly, which is none of ours")
