"""What a backup says of itself: read before anything else in it is believed.

format, version  what this is, and how it is laid out
schema, store    the migration that the store is at, and which database it was in
at               when it was begun
counts           articles, alerts, verdicts
checkpoints      ids of those that are in it
missing          what ought to be and was not there, or not whole
members          name → size in bytes and SHA-256 of every other file
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from monitor.errors import DataError
from monitor.store.copying import Counts

FORMAT, VERSION = "downdraft-backup", 1
MANIFEST, STORE = "manifest.json", "store.db"
_CHECKPOINT = re.compile(r"checkpoints/([0-9a-f]{12})/[a-z]+\.(safetensors|json|md)")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a backup."""

    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    schema: str
    store: str  # sqlite | postgresql
    at: str  # RFC 3339
    counts: Counts
    checkpoints: tuple[str, ...]
    missing: tuple[str, ...]
    members: Mapping[str, Member]


def write(manifest: Manifest) -> bytes:
    document = {"format": FORMAT, "version": VERSION, **asdict(manifest)}
    return json.dumps(document, indent=1).encode() + b"\n"


def read(text: bytes, where: str) -> Manifest:
    """Raises DataError, one line that begins with `where`."""
    try:
        known = json.loads(text)
        kind, version = known.pop("format"), known.pop("version")
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise DataError(f"{where}: its {MANIFEST} cannot be read; {CURE}") from None
    if kind != FORMAT:
        raise DataError(f"{where}: its {MANIFEST} is of something else; {CURE}")
    if version != VERSION:
        raise DataError(f"{where}: is laid out as version {version}; upgrade downdraft first")
    try:
        manifest = _manifest(known)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{where}: its {MANIFEST} is not ours ({error!r:.80}); {CURE}") from None
    return manifest


CURE = "give a file that `downdraft backup` wrote"


def folder_of(id_: str) -> str:
    return f"checkpoints/{id_}/"


def _manifest(known: dict[str, Any]) -> Manifest:
    members = {name: Member(**each) for name, each in known.pop("members").items()}
    counted, ids = Counts(**known.pop("counts")), tuple(known.pop("checkpoints"))
    made = Manifest(
        **known | {"counts": counted, "checkpoints": ids, "missing": tuple(known["missing"])},
        members=members,
    )
    _refuse_others(made)
    return made


def _refuse_others(manifest: Manifest) -> None:
    """Names that could leave the folder they are put in, and sizes that are none."""
    if STORE not in manifest.members:
        raise ValueError(f"{STORE} is missing")
    ids = set()
    for name, each in manifest.members.items():
        if found := _CHECKPOINT.fullmatch(name):
            ids.add(found[1])
        elif name != STORE:
            raise ValueError(f"{name} is no name of ours")
        if not isinstance(each.size, int) or each.size < 0 or not isinstance(each.sha256, str):
            raise ValueError(f"{name}: size and SHA-256 are needed")
    if ids != set(manifest.checkpoints):
        raise ValueError("other checkpoints than it names")
