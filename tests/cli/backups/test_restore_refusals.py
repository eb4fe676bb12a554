"""`downdraft restore` of what is no backup: one line, exit 3, no trace."""

from __future__ import annotations

import gzip
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from archives import packed, tarred, unpacked
from backup_desk import Machine
from command_line import Command

from monitor.store.engine import MIGRATIONS


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
        (gzip.compress(b"x" * 1000, mtime=0), "is no tar file"),
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
    refused(tarred(backup, {"manifest.json": json.dumps(manifest).encode(), **members}), told)


@pytest.mark.parametrize("text", [b"[" * 500_000, b"[1]", b"null", b"\xff", b"{}"])
def test_a_manifest_that_is_none_is_refused(
    refused: Callable[[Path, str], None], backup: Path, text: bytes
) -> None:
    refused(tarred(backup, {"manifest.json": text}), "cannot be read")


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


@pytest.mark.parametrize(("name", "size"), [("readme.txt", 0), ("manifest.json", 2 << 20)])
def test_a_tar_file_that_does_not_begin_with_a_manifest_is_refused(
    refused: Callable[[Path, str], None], backup: Path, name: str, size: int
) -> None:
    manifest, members = unpacked(backup)
    text = json.dumps(manifest).encode().ljust(size)
    refused(tarred(backup, {name: text, **members}), "does not begin with a manifest")
