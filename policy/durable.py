"""Directories that are there whole or not at all, whenever the machine stops."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_AT_FDCWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_DRAFT = ".draft-"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A fresh directory beside `path`, which takes its place when the block ends well.

    Files and directories are synced to the disk first. Killed anywhere, `path` is what it was
    before or what it became; a draft that a kill left behind is swept by the next call. What
    `path` held before is removed.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    draft = Path(tempfile.mkdtemp(prefix=f".{path.name}{_DRAFT}", dir=path.parent))
    draft.chmod(0o755)  # mkdtemp makes it 0700: an installed package is read by all
    try:
        yield draft
        _sync_all(draft)
        _put(draft, path)
        sync(path.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)  # half written, or what was there before


def _put(draft: Path, path: Path) -> None:
    with contextlib.suppress(OSError):
        draft.rename(path)  # atomic, also over an empty directory
        return
    if not _exchange(draft, path):  # a file system or a system that cannot swap two names
        aside = Path(tempfile.mkdtemp(prefix=f".{path.name}{_DRAFT}", dir=path.parent))
        path.rename(aside)
        draft.rename(path)
        shutil.rmtree(aside, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two names at one stroke, which Linux can and POSIX cannot; False where it failed."""
    renameat2 = getattr(ctypes.CDLL(None), "renameat2", None)
    if renameat2 is None:
        return False
    names = (os.fsencode(one), os.fsencode(other))
    return bool(renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE) == 0)


def _sweep(path: Path) -> None:
    for left in path.parent.glob(f".{path.name}{_DRAFT}*"):
        shutil.rmtree(left, ignore_errors=True)


def _sync_all(folder: Path) -> None:
    for each in sorted(folder.rglob("*"), reverse=True):
        sync(each)
    sync(folder)


def sync(path: Path) -> None:
    """A file or the names in a folder, down to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
