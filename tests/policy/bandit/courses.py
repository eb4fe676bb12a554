"""Invented headlines as points in a plane of labels, ready to be reviewed."""

from __future__ import annotations

import numpy as np

from policy.bandit.arms import Arm, Order
from policy.bandit.course import Course, course
from policy.bandit.table import Table
from policy.data import Example

LABELS = ("energy", "earnings", "mergers", "rates")
WIDTH = 24
SIZE = (40, 600)  # warm start, stream
CLEAN = Arm()


def table(rows: int, seed: int = 0, shares: tuple[float, ...] = (0.4, 0.3, 0.2, 0.1)) -> Table:
    """Labels by their shares; every 25th headline is about Norcast."""
    draw = np.random.default_rng(seed)
    truth = draw.choice(len(LABELS), size=rows, p=shares)
    texts = [f"item {n} of {'Norcast' if n % 25 == 0 else 'others'}" for n in range(rows)]
    examples = tuple(Example(text, "Norcast" if "Norcast" in text else "") for text in texts)
    return Table("invented", "topic", LABELS, examples, truth.astype(np.int64))


def features(known: Table, seed: int = 0) -> np.ndarray:
    """(N, 24) of length 1: heaps that overlap, so that nobody is always right."""
    draw = np.random.default_rng([seed, 7])
    noise = draw.normal(0, 0.45, (len(known.truth), WIDTH))
    places = np.eye(len(LABELS), WIDTH)[known.truth] + noise
    return (places / np.linalg.norm(places, axis=1, keepdims=True)).astype(np.float32)


def led(order: Order = "plain", seed: int = 0, rows: int = 1200) -> Course:
    known = table(rows)
    groups = np.arange(rows) // 2 * 2  # pairs of near-duplicates
    return course(known, features(known), groups.astype(np.int64), SIZE, order, seed)
