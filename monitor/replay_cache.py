"""Arrays that back-tests keep for one another: a file is whole or not there, whoever is stopped."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

Say = Callable[[str], None]
_TORN = (OSError, ValueError, EOFError, SyntaxError, TokenError, MemoryError)


def read(path: Path) -> NDArray[Any] | None:
    """The array; None where there is none, or something else."""
    try:
        with path.open("rb") as file:
            found: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    except _TORN:
        return None
    return found


def keep(path: Path, rows: NDArray[Any], what: str, say: Say | None) -> bool:
    """Written beside it by each process for itself, then moved into place.

    Where that fails it costs the cache and not the answer: `say` is told, and nothing is left.
    """
    partial = path.with_suffix(f".{os.getpid()}.npy")
    written = io.BytesIO()  # numpy does not say why a file took only half of an array
    np.save(written, rows, allow_pickle=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(written.getbuffer())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        if say:
            say(f"{path}: the {what} cannot be kept: {error.strerror}")
        return False
    return True
