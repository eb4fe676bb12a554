"""Whom a stream takes after while little is known of it: the whole; a topic of a name, its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alerts.types import Stream


class Kin(NamedTuple):
    """Rows that take after another row than the whole, and that row; (P,) each."""

    rows: NDArray[np.intp]
    parents: NDArray[np.intp]


NONE = Kin(np.empty(0, np.intp), np.empty(0, np.intp))


def kin_of(streams: Sequence[Stream]) -> Kin:
    """A topic of a name takes after the name, where that is watched itself."""
    pairs = [k for k, stream in enumerate(streams) if stream.topic and stream.target]
    if not pairs:
        return NONE
    names = {stream.target: k for k, stream in enumerate(streams) if not stream.topic}
    found = [(k, names[streams[k].target]) for k in pairs if streams[k].target in names]
    rows, parents = np.array(found, np.intp).reshape(-1, 2).T
    return Kin(rows, parents)
