"""Vowpal Wabbit itself, on the same features: the rival that every contextual bandit must beat.

`--cb_explore_adf --cb_type mtr` (Bietti, Agarwal and Langford, arXiv 1802.04064), headline features
crossed with the label. It learns online, verdict by verdict. The warm start and each correction are
told in full: cost −1 for the right label, 0 for the others, all with probability 1.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from policy.bandit.course import Rows
from policy.bandit.memory import Known
from policy.errors import DataError
from policy.learners.evidence import corrected
from policy.learners.exploration import shown
from policy.learners.linear import Head
from policy.learners.pull import temperature, tempered
from policy.learners.types import Panel

_RATES = (0.5, 2.0, 8.0)
_EXPLORERS = {
    "epsilon": "--epsilon 0.02",
    "squarecb": "--squarecb --gamma_scale 1000",
}
CONFIGURATIONS: Mapping[str, str] = {
    f"{name}-{rate:g}": f"{words} -l {rate:g}"
    for name, words in _EXPLORERS.items()
    for rate in _RATES
}
_SHARPNESS = 10.0  # nats a unit of reward, before a temperature is fitted
_SNAPSHOT = 300  # verdicts after which what it believes is read anew
_WIDEST = 20.0  # gap, in medians
_JUDGED = 4  # the last fourth of the verdicts tells how sure it may be


def library() -> Any:
    """The module. Raises DataError where it is not installed."""
    try:
        import vowpalwabbit
    except ImportError:
        raise DataError(
            "vowpal_wabbit: not installed; pip install 'downdraft[dev]' or leave it out of"
            " --learners"
        ) from None
    return vowpalwabbit


class VowpalWabbit:
    """One configuration of it."""

    patience = 1  # it learns from each verdict as it comes

    def __init__(self, words: str, warm: Rows, labels: int, draw: torch.Generator) -> None:
        self._labels, self._draw = labels, draw
        self._words = f"--cb_explore_adf --cb_type mtr {words} -q xa --noconstant --quiet"
        self._learned, self._temperature, self._width = 0, 1.0, warm.features.shape[1]
        self._space = library().Workspace(f"{self._words} --random_seed 1")
        self._actions = [f"|a l{label}" for label in range(labels)]
        for features, label in zip(warm.features, warm.truth.tolist(), strict=True):
            self._tell_all(_written(features), label)
        self._head = self._read()

    def select(self, features: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        propensities = torch.stack([self._chances(self._space, row) for row in features]) * there
        propensities /= propensities.sum(1, keepdim=True)
        return shown(propensities, self._draw), propensities

    def learn(self, known: Known, named: Tensor, *, last: bool) -> None:
        new = slice(self._learned, len(known.rows))
        feedback, self._learned = known.feedback, len(known.rows)
        full = corrected(feedback)
        for place in range(new.start, new.stop):
            written = _written(known.features[place])
            if full[place]:
                self._tell_all(written, int(feedback.correction[place]))
                continue
            cost = -1.0 if feedback.confirmed[place] else 0.0
            self._tell(written, int(feedback.shown[place]), cost, float(feedback.propensity[place]))
        if last or new.start // _SNAPSHOT != new.stop // _SNAPSHOT:
            self._head = self._read()
        if last:
            late = torch.arange(new.stop - new.stop // _JUDGED, new.stop)
            panel = Panel.trusted(int(feedback.analyst.max()) + 1, self._labels)
            self._temperature, _ = temperature(known.beliefs[late], feedback.take(late), panel)

    def log_chances(self, features: Tensor) -> Tensor:
        """Its values as chances, at a temperature that the verdicts of its last quarter tell."""
        return tempered(torch.log_softmax(self._head.logits(features), 1), self._temperature)

    def _read(self) -> Head:
        """The linear head that it is: what it says of each unit vector, and of nothing.

        ε-greedy's propensities hide the values, so its model is opened behind a softmax; SquareCB's
        are 1 / (K + γ·gap) and are solved for the gap, up to a factor that the temperature takes.
        """
        width = self._width
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "model"
            self._space.save(str(file))
            gaps = "squarecb" in self._words
            how = "" if gaps else "--softmax --lambda 1"
            space = library().Workspace(f"-t -i {file} {how} --quiet")
        units = torch.cat([torch.zeros(1, width), torch.eye(width)])
        chances = torch.stack([self._chances(space, row) for row in units])
        space.finish()
        told = _values_behind(chances) if gaps else chances.clamp_min(1e-30).log()
        told = told - told.mean(1, keepdim=True)  # softmax knows no common part
        return Head((told[1:] - told[0]).T * _SHARPNESS, told[0] * _SHARPNESS)

    def _tell_all(self, written: str, right: int) -> None:
        for label in range(self._labels):
            self._tell(written, label, -float(label == right), 1.0)

    def _tell(self, written: str, label: int, cost: float, propensity: float) -> None:
        lines = list(self._lines(written))
        lines[1 + label] = f"{label}:{cost:g}:{propensity:.6g} {lines[1 + label]}"
        self._space.learn(lines)

    def _chances(self, space: Any, row: Tensor) -> Tensor:
        found = torch.tensor(space.predict(list(self._lines(_written(row)))))
        return found / found.sum()

    def _lines(self, written: str) -> Iterator[str]:
        yield f"shared |x {written}"
        yield from self._actions


def _written(features: Tensor) -> str:
    return " ".join(f"{place}:{value:.5g}" for place, value in enumerate(features.tolist()))


def _values_behind(chances: Tensor) -> Tensor:
    """Values (N, K) that SquareCB's propensities (N, K) betray: 0 for the best, below it others."""
    values = chances.shape[1] - 1 / chances.clamp_min(1e-12)
    values = values.scatter(1, chances.argmax(1, keepdim=True), 0.0)
    # γ is large, and a chance may have been rounded to nothing.
    return (values / values.abs().median().clamp_min(1e-12)).clamp_min(-_WIDEST)
