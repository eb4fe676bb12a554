"""Backups taken apart and put together again, otherwise."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

Members = dict[str, bytes]


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
    return tarred(file, {"manifest.json": json.dumps(manifest).encode(), **members})


def tarred(file: Path, members: Members) -> Path:
    with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return file
