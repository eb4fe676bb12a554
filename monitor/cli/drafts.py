"""Files that commands write: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import DataError


@contextmanager
def draft_of(file: Path) -> Iterator[Path]:
    """Where to write what takes the file's place once the block has ended well; a device is written
    as it is. Raises DataError where that cannot be."""
    device = file.exists() and not file.is_file()
    draft = file if device else file.with_name(f".{file.name}.{os.getpid()}")
    try:
        yield draft
        if not device:
            draft.replace(file)
    except BrokenPipeError:
        raise
    except OSError as fault:
        raise DataError(f"{file}: cannot be written: {fault.strerror}; check the folder") from fault
    finally:
        if not device:
            draft.unlink(missing_ok=True)
