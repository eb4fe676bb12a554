"""The experiment in cells, each run once and kept on disk under the hash of all it depends on.

A cell is one learner (or the ends of the scale) in one arm on one file with one seed. Whoever is
stopped goes on where it was; whoever changes the code of learners or experiment begins anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import policy
from policy.bandit.arms import Arm
from policy.bandit.course import Course, course
from policy.bandit.features import embedded
from policy.bandit.play import ends, play
from policy.bandit.split import sizes
from policy.bandit.table import Table, read_table
from policy.data import fingerprint

ENDS = "ends"  # of the scale: frozen and skyline, in the place of a learner's name
_CODE = ("bandit/*.py", "learners/*.py", "annotators.py", "evaluate.py")
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """What cells of one file have in common."""

    file: Path
    encoder: str
    warm: int | None
    verdicts: int
    cache: Path


@dataclass(frozen=True, slots=True)
class Cell:
    trial: Trial
    arm: Arm
    who: str  # a name of the roster, or ENDS
    seed: int


def found(cells: Sequence[Cell], jobs: int = 1) -> Iterator[tuple[Cell, Record]]:
    """Each cell with its record, as they are done; those on disk come first."""
    waiting = []
    for cell in cells:
        record = kept(cell)
        if record is None:
            waiting.append(cell)
        else:
            yield cell, record
    if jobs == 1 or len(waiting) < 2:
        yield from ((cell, run(cell)) for cell in waiting)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        futures = {pool.submit(run, cell): cell for cell in waiting}
        for future in as_completed(futures):
            yield futures[future], future.result()


def kept(cell: Cell) -> Record | None:
    """The record on disk, if the cell was ever run to its end."""
    file = _file(cell)
    if not file.is_file():
        return None
    record: Record = json.loads(file.read_text(encoding="utf-8"))
    return record


def run(cell: Cell) -> Record:
    """The cell's record, kept on disk when it is whole."""
    torch.set_num_threads(1)
    led = _led(cell.trial, cell.arm.order, cell.seed)
    record = ends(led) if cell.who == ENDS else play(cell.who, led, cell.arm, cell.seed)
    record |= {"test_rows": len(led.test), "stream_rows": len(led.stream)}
    file = _file(cell)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(record), encoding="utf-8")
    draft.replace(file)
    return record


@lru_cache(maxsize=2)
def _led(trial: Trial, order: Any, seed: int) -> Course:
    table, features, groups = prepared(trial)
    size = sizes(len(table.truth), trial.warm, trial.verdicts)
    return course(table, features, groups, size, order, seed)


@lru_cache(maxsize=2)
def prepared(trial: Trial) -> tuple[Table, NDArray[np.float32], NDArray[np.int64]]:
    """The file's rows, their features (N, D) and near-duplicate groups (N,)."""
    table = read_table(trial.file)
    features, groups = embedded(table.examples, trial.encoder, trial.cache)
    return table, features, groups


def _file(cell: Cell) -> Path:
    """Where the record lies. The ends of the scale are the same in all arms of one order."""
    trial = cell.trial
    about: Record = {
        "rows": _rows(trial.file),
        "encoder": trial.encoder,
        "size": [trial.warm, trial.verdicts],
        "arm": cell.arm.order if cell.who == ENDS else asdict(cell.arm),
        "who": cell.who,
        "seed": cell.seed,
        "code": _code(),
        "torch": torch.__version__,
    }
    key = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:24]
    return trial.cache / "bandit" / f"{key}.json"


@cache
def _rows(file: Path) -> str:
    """Hash of what the file holds, by its labelled rows."""
    table = read_table(file)
    digest = hashlib.sha256(fingerprint(table.examples).encode())
    digest.update(json.dumps([table.labels, table.truth.tolist()]).encode())
    return digest.hexdigest()


@cache
def _code() -> str:
    """Hash of the code that a record depends on."""
    digest, room = hashlib.sha256(), Path(policy.__file__).parent
    for file in sorted(file for pattern in _CODE for file in room.glob(pattern)):
        digest.update(file.read_bytes())
    return digest.hexdigest()
