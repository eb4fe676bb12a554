"""Folders in which something grows that is to appear whole or not at all."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".downdraft-draft-"


@contextmanager
def draft_in(folder: Path) -> Iterator[Path]:
    """A folder that only we may read, gone afterwards; what killed ones left is swept first."""
    _sweep(folder)
    draft = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    handle = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # ends with the process, however that ends
        yield draft
    finally:
        os.close(handle)
        shutil.rmtree(draft, ignore_errors=True)


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{_PREFIX}*"):
        handle = os.open(left, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
        except BlockingIOError:  # somebody works there
            continue
        finally:
            os.close(handle)


def give_to_owner_of(folder: Path, path: Path) -> None:
    """What root puts into somebody's folder is theirs: the daemon must be able to write it."""
    if os.geteuid() == 0:
        owner = folder.stat()
        for each in (path, *path.rglob("*")):
            os.chown(each, owner.st_uid, owner.st_gid)
