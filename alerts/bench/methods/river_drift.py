"""ADWIN and Page–Hinkley as the package `river` has them, one detector a stream.

Fed with the negative share of each hour that has stories; ADWIN looks at every one (clock 1) and
only rises count. All else is river's default; what is tuned is ADWIN's δ (the threshold is −ln δ;
its bound is so cautious that δ above 1, no probability any more, may be needed to alarm as often
as the others) and Page–Hinkley's λ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from alerts.bench.alarms import Hits, Method
from alerts.bench.streams import Block
from alerts.bench.windows import Mask

PIN = "river==0.26.1"


def missing(package: str = "river") -> str:
    """What to say where the package is not installed; "" where it is."""
    if find_spec(package):
        return ""
    return f"adwin and page_hinkley are left out: pip install {PIN}"


def adwin(block: Block) -> Hits:
    drift: Any = import_module("river.drift")

    def rises(shares: list[float], threshold: float) -> Iterator[int]:
        detector = drift.ADWIN(delta=float(np.exp(-threshold)), clock=1)
        mean = 0.0
        for position, share in enumerate(shares):
            detector.update(share)
            if detector.drift_detected and detector.estimation > mean:
                yield position
            mean = detector.estimation

    return each(block, rises)


def page_hinkley(block: Block) -> Hits:
    drift: Any = import_module("river.drift")

    def rises(shares: list[float], threshold: float) -> Iterator[int]:
        detector = drift.PageHinkley(threshold=threshold, mode="up")
        for position, share in enumerate(shares):
            detector.update(share)
            if detector.drift_detected:
                yield position

    return each(block, rises)


def each(block: Block, rises: Callable[[list[float], float], Iterator[int]]) -> Hits:
    """Hands each stream's shares to a detector of its own: positions of alarms → hours."""
    share = block.y / np.maximum(block.n, 1)

    def hits(threshold: float) -> Mask:
        found = np.zeros(block.n.shape, dtype=np.bool_)
        for k in range(block.n.shape[1]):
            hours = np.flatnonzero(block.n[:, k])
            found[hours[list(rises(share[hours, k].tolist(), threshold))], k] = True
        return found & block.allowed

    return hits


ADWIN = Method(
    "adwin", "Bifet, Gavaldà, SDM 2007; river", adwin, np.linspace(-6.0, 25.0, 63), slow=True
)
PAGE_HINKLEY = Method(
    "page_hinkley",
    "Page, Biometrika 41 (1954); Sebastião, Fernandes (2017); river",
    page_hinkley,
    np.geomspace(0.3, 300.0, 128),
    slow=True,
)
ALL = (ADWIN, PAGE_HINKLEY)
