"""What a label is worth: reward tables, and the reward that beliefs lead one to expect.

Reward functions are plain functions of this file. A table holds for every true label (row) what
each answer (column) is worth; the shipped one is policy/rewards.toml.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.errors import DataError
from policy.types import SENTIMENTS, TOPICS

DEFAULT = Path(__file__).parent / "rewards.toml"
Array = NDArray[np.float64]
_HEADS = {"topic": TOPICS, "sentiment": SENTIMENTS}


@dataclass(frozen=True, slots=True)
class Rewards:
    """A table a head: [y, a] is the reward of answering a where y is true."""

    topic: Array  # (20, 20)
    sentiment: Array  # (3, 3)


def expected_reward(beliefs: Array, table: Array) -> Array:
    """r(x, a) = Σ_y q(y|x)·R[y, a]: beliefs (N, K), table (K, K) → (N, K)."""
    return beliefs @ table


def mean_reward(said: NDArray[np.int64], truth: NDArray[np.int64], table: Array) -> float:
    """What labels (N,) earned where the truth (N,) is known."""
    return float(table[truth, said].mean())


def read_rewards(path: Path = DEFAULT) -> Rewards:
    """The tables of a TOML file. Raises DataError: one line, what, where and how to mend it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; give a table like policy/rewards.toml") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path}: unreadable ({error}); give TOML like the shipped one") from None
    if strange := sorted(set(document) - set(_HEADS)):
        raise DataError(f"{path}: unknown table [{strange[0]}]; use [topic] and [sentiment]")
    tables = {head: _table(path, head, document.get(head, {})) for head in _HEADS}
    return Rewards(**tables)


def _table(path: Path, head: str, entries: Mapping[str, Any]) -> Array:
    """Right answers earn 1, wrong ones 0, and then what the file says of (truth, answer)."""
    labels = _HEADS[head]
    table = np.eye(len(labels))
    for truth, answers in entries.items():
        if not isinstance(answers, Mapping):
            raise DataError(f'{path}: [{head}] {truth}: give {{ answer = reward }} for "{truth}"')
        for answer, reward in answers.items():
            rows, columns = (_where(path, head, each, labels) for each in (truth, answer))
            if not isinstance(reward, int | float) or not np.isfinite(reward):
                raise DataError(f"{path}: [{head}] {truth} → {answer}: {reward!r} is no number")
            cells = np.zeros_like(table, dtype=bool)
            cells[np.ix_(rows, columns)] = True
            if truth == _ANY or answer == _ANY:
                np.fill_diagonal(cells, False)
            table[cells] = reward
    return table


_ANY = "*"


def _where(path: Path, head: str, label: str, labels: tuple[str, ...]) -> list[int]:
    if label == _ANY:
        return list(range(len(labels)))
    if label not in labels:
        raise DataError(
            f"{path}: [{head}] unknown label {label!r}; use one of: " + "; ".join(labels)
        )
    return [labels.index(label)]
