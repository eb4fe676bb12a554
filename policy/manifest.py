"""What vouches for a policy's directory: its manifest, read and written without torch.

manifest.json  SHA-256 and size of every file; parent, figures, data, library versions
card.md        the model card
and the files that decide the answers, other ones for a network than for the linear fallback.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from policy.durable import replacing
from policy.errors import CheckpointError, DataError

SHIPPED = Path(__file__).resolve().parent / "shipped"
FALLBACK = Path(__file__).resolve().parent / "linear"
MANIFEST = "manifest.json"
CARD = "card.md"  # listed and verified, but no part of the id: prose changes no answer
RESUME = ".resume"  # the state of a training that has not ended, in the directory it is for
LINEAR = "linear"  # the "encoder" of a policy that has none
_NETWORK_FILES = (
    "layers.safetensors",
    "embeddings.safetensors",
    "heads.safetensors",
    "tokenizer.json",
    "encoder.json",
    "labels.json",
)
_LINEAR_FILES = ("weights.safetensors",)


@dataclass(frozen=True, slots=True)
class Description:
    """What the manifest says of a checkpoint."""

    id: str  # 12 hex digits over the hashes of the files that decide its answers
    parent: str | None  # id of the checkpoint that training started from
    encoder: str  # base weights, as they were asked for; "linear" for a policy without
    created_by: str  # the command
    data: Mapping[str, Any]  # rows and SHA-256 of what it was trained on
    metrics: Mapping[str, Any]
    files: Mapping[str, Mapping[str, Any]]  # name → {"sha256", "size"}
    libraries: Mapping[str, str] = field(default_factory=dict)  # name → version that made it

    @property
    def answers(self) -> tuple[str, ...]:
        """The files that decide its answers."""
        return _answers(self.encoder)


def seal(
    path: Path,
    *,
    encoder: str,
    created_by: str,
    data: Mapping[str, Any],
    metrics: Mapping[str, Any],
    libraries: Sequence[str],
    parent: str | None = None,
) -> Description:
    """Writes the manifest of the files in `path`, last: without it there is no checkpoint.

    `libraries` are the packages whose versions it should name.
    """
    answers = _answers(encoder)
    for name in (*answers, CARD):
        (path / name).chmod(0o644)  # safetensors writes 0600: an installed package is read by all
    files = {name: _fingerprint(path / name) for name in (*answers, CARD)}
    manifest: dict[str, Any] = {
        "id": _id(files, answers),
        "parent": parent,
        "encoder": encoder,
        "created_by": created_by,
        "data": dict(data),
        "metrics": dict(metrics),
        "files": files,
        "libraries": {name: version(name) for name in libraries},
    }
    write_json(path / MANIFEST, manifest)
    return Description(**manifest)


def rewrite_card(path: Path, text: str) -> None:
    """Another card beside the same files: with a manifest that vouches for it, or not at all."""
    known = describe(path)
    with replacing(path) as draft:
        for name in known.answers:
            _again(path / name, draft / name)
        (draft / CARD).write_text(text, encoding="utf-8")
        files = {**known.files, CARD: _fingerprint(draft / CARD)}
        write_json(draft / MANIFEST, {**asdict(known), "files": files})


def _again(file: Path, name: Path) -> None:
    """A second name for a file, or a copy where the file system knows no second names."""
    try:
        os.link(file, name)
    except OSError:
        shutil.copyfile(file, name)


def refuse_others(path: Path) -> None:
    """Raises DataError where `path` holds what no training wrote: a checkpoint replaces it all."""
    ours = {*_NETWORK_FILES, *_LINEAR_FILES, MANIFEST, CARD, RESUME}
    if path.exists() and not path.is_dir():
        raise DataError(f"{path}: is a file; name a directory for the checkpoint")
    others = sorted(each.name for each in path.glob("*") if each.name not in ours)
    if others:
        raise DataError(
            f"{path}: holds other files ({others[0]}), which a checkpoint would replace; name an"
            " empty or new directory"
        )


def describe(path: Path) -> Description:
    """The manifest of a checkpoint, without reading its weights; raises CheckpointError."""
    file = path / MANIFEST
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        return Description(
            **{name: known[name] for name in Description.__slots__ if name != "libraries"},
            libraries=known.get("libraries", {}),  # the first checkpoints did not name them
        )
    except FileNotFoundError:
        raise CheckpointError(f"{file}: missing; {_cure(path)}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{file}: unreadable ({error!r:.80}); {_cure(path)}") from None


def verify(path: Path) -> Description:
    """The description, once every file's size and SHA-256 is as the manifest says."""
    description = describe(path)
    for name in (*description.answers, CARD):
        wanted = description.files.get(name)
        if wanted is None or not (path / name).is_file():
            raise CheckpointError(f"{path / name}: missing; {_cure(path)}")
        if _fingerprint(path / name) != wanted:
            raise CheckpointError(f"{path / name}: altered since it was made; {_cure(path)}")
    if _id(description.files, description.answers) != description.id:
        raise CheckpointError(f"{path / MANIFEST}: its id is not of its files; {_cure(path)}")
    return description


def write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _answers(encoder: str) -> tuple[str, ...]:
    return _LINEAR_FILES if encoder == LINEAR else _NETWORK_FILES


def _fingerprint(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"sha256": digest, "size": file.stat().st_size}


def _id(files: Mapping[str, Mapping[str, Any]], answers: Sequence[str]) -> str:
    lines = [f"{name} {files[name]['sha256']}\n" for name in sorted(answers)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


def _cure(path: Path) -> str:
    if path in (SHIPPED, FALLBACK):
        return "reinstall downdraft, or name another checkpoint with --policy"
    return "copy the whole directory again, or train anew with `downdraft train`"
