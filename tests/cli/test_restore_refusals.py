"""`downdraft restore` of what is no backup, or was made to do harm: one line, exit 3, no trace."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from backup_desk import Machine, live_through, set_up
from checkpoints import write_checkpoint
from command_line import Command

from monitor.store.engine import MIGRATIONS
from policy.manifest import verify

Members = dict[str, bytes]


@pytest.fixture
def backup(downdraft: Command, tmp_path: Path, noon: datetime) -> Path:
    write_checkpoint(tmp_path / "home", "home")
    old = set_up(tmp_path / "old", tmp_path / "home")
    live_through(old, verify(tmp_path / "home").id, noon)
    assert downdraft("backup", "b.tar", "--config", old.config).code == 0
    return tmp_path / "b.tar"


@pytest.fixture
def new(tmp_path: Path) -> Machine:
    return set_up(tmp_path / "new", tmp_path / "home")


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


def unpacked(file: Path) -> tuple[dict[str, Any], Members]:
    """The manifest, and the other members."""
    with tarfile.open(file) as tar:
        members = {info.name: _content(tar, info) for info in tar}
    return json.loads(members.pop("manifest.json")), members


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    content = tar.extractfile(info)
    assert content is not None
    return content.read()


def packed(file: Path, manifest: dict[str, Any], members: Members) -> Path:
    """A backup whose manifest vouches for its members, whatever they are."""
    for name, content in members.items():
        digest = hashlib.sha256(content).hexdigest()
        manifest["members"][name] = {"size": len(content), "sha256": digest}
    with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in {"manifest.json": json.dumps(manifest).encode(), **members}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file


def test_a_backup_that_is_packed_anew_is_one(
    downdraft: Command, backup: Path, new: Machine
) -> None:
    """Else every refusal below could have another reason."""
    packed(backup, *unpacked(backup))
    assert downdraft("restore", backup, "--config", new.config).code == 0
    assert new.feeds() == ["Tidewater"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "does not begin with a manifest"),
        (b"a shopping list" * 100, "is no tar file"),
        (bytes(10_240), "does not begin with a manifest"),
        (gzip.compress(b"x" * 1000), "is no tar file"),
    ],
)
def test_what_is_no_tar_file_is_refused(
    refused: Callable[[Path, str], None], tmp_path: Path, content: bytes, told: str
) -> None:
    (tmp_path / "x").write_bytes(content)
    refused(tmp_path / "x", told)


def test_a_file_that_cannot_be_read_is_refused(
    refused: Callable[[Path, str], None], tmp_path: Path
) -> None:
    refused(tmp_path / "no.tar", "No such file")
    refused(tmp_path, "Is a directory")


def test_a_backup_that_is_cut_short_anywhere_is_refused(
    refused: Callable[[Path, str], None], backup: Path
) -> None:
    whole = backup.read_bytes()
    end = len(whole.rstrip(b"\0"))
    for part in (100, 600, 5_000, len(whole) // 2, end - 10_000, end - 1):
        backup.write_bytes(whole[:part])
        refused(backup, "b.tar")


def test_a_flipped_bit_in_any_member_is_found(
    refused: Callable[[Path, str], None], backup: Path
) -> None:
    whole = backup.read_bytes()
    with tarfile.open(backup) as tar:
        places = {info.name: info.offset_data + info.size // 2 for info in tar}
    del places["manifest.json"]
    for name, place in places.items():
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        refused(backup, f"{name} is damaged")


def _other_format(manifest: dict[str, Any]) -> None:
    manifest["format"] = "borg"


def _later_layout(manifest: dict[str, Any]) -> None:
    manifest["version"] = 2


def _later_schema(manifest: dict[str, Any]) -> None:
    manifest["schema"] = "9999"


def _other_schema(manifest: dict[str, Any]) -> None:
    manifest["schema"] = "0003"


def _path_as_id(manifest: dict[str, Any]) -> None:
    manifest["checkpoints"].append("../../evil")


def _no_counts(manifest: dict[str, Any]) -> None:
    del manifest["counts"]


def _huge(manifest: dict[str, Any]) -> None:
    manifest["members"]["store.db"]["size"] = 1 << 60


def _more(manifest: dict[str, Any]) -> None:
    manifest["members"]["checkpoints/0123456789ab/card.md"] = {"size": 1, "sha256": ""}
    manifest["checkpoints"].append("0123456789ab")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_other_format, "is of something else"),
        (_later_layout, "upgrade downdraft first"),
        (_later_schema, "upgrade downdraft first"),
        (_other_schema, "not at the schema"),
        (_path_as_id, "is not ours"),
        (_no_counts, "is not ours"),
        (_huge, "is not as its manifest says"),
        (_more, "is missing"),
    ],
)
def test_a_manifest_that_is_not_true_is_refused(
    refused: Callable[[Path, str], None],
    backup: Path,
    change: Callable[[dict[str, Any]], None],
    told: str,
) -> None:
    manifest, members = unpacked(backup)
    change(manifest)
    text = json.dumps(manifest).encode()
    with tarfile.open(backup, "w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in {"manifest.json": text, **members}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    refused(backup, told)


@pytest.mark.parametrize("text", [b"[" * 500_000, b"[1]", b"null", b"\xff", b"{}"])
def test_a_manifest_that_is_none_is_refused(
    refused: Callable[[Path, str], None], backup: Path, text: bytes
) -> None:
    with tarfile.open(backup, "w") as tar:
        info = tarfile.TarInfo("manifest.json")
        info.size = len(text)
        tar.addfile(info, io.BytesIO(text))
    refused(backup, "cannot be read")


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


def test_a_store_of_an_older_version_is_brought_up_to_date(
    downdraft: Command, backup: Path, new: Machine, tmp_path: Path
) -> None:
    engine, config = sa.create_engine(f"sqlite:///{tmp_path / 'x.db'}"), Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0003")
        columns = "url, name, origin, interval_s, source, removed, fetch_url, etag, last_modified"
        more = "body_hash, format, state, failures, last_error, due_at, claimed_until"
        at = "2031-03-04 12:00:00.000000"
        tx.exec_driver_sql(
            f"insert into feed ({columns}, {more}) values ('u', 'Granary', 'o', 300, 'config',"
            f" false, 'u', '', '', '', '', 'ok', 0, '', '{at}', '{at}')"
        )
    engine.dispose()
    manifest, members = unpacked(backup)
    members["store.db"] = (tmp_path / "x.db").read_bytes()
    packed(backup, manifest | {"schema": "0003"}, members)
    said = downdraft("restore", backup, "--json", "--config", new.config)
    assert said.code == 0, said.err
    assert said.json["schema"] == "0003"
    assert str(said.json["schema_now"]) >= "0007"
    assert new.feeds() == ["Granary"]
