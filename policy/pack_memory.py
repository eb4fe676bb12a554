"""What the libraries below are told about memory: keep what is freed, and no plans twice."""

from __future__ import annotations

import ctypes
import os

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # names of malloc.h, mallopt(3)


def keep_freed_memory() -> bool:
    """Lets the C library reuse what a batch freed; False where it is not glibc.

    A batch's largest matrix has 6 MB. glibc gives such blocks back to the system and takes them
    anew, zeroed, for the next layer: 1,500 page faults each, a tenth of the time of labelling.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    limits = ((_MMAP_THRESHOLD, 1 << 25), (_TRIM_THRESHOLD, 1 << 28), (_TOP_PAD, 1 << 26))
    return all(library.mallopt(name, size) for name, size in limits)


def keep_few_plans() -> None:
    """Tells torch's bridge to oneDNN to keep few plans of products; what the environment says goes.

    It keeps the last 1,024, a quarter of a megabyte each, for each thread, beside oneDNN's own
    memory of the same, which answers as quickly. It is told once, by the first product.
    """
    os.environ.setdefault("LRU_CACHE_CAPACITY", "16")
