"""Evidence that one side is right more often than the other, valid whenever one looks.

A bettor stakes a part λ of what they have on each comparison: 1 → Π(1 + λ z). Where E[z | past] ≤ 0
nobody grows rich by that (the product is a test martingale), and by Ville's inequality the chance
that it *ever* reaches 1/α is at most α: one may look after each verdict, and stop when one likes.
What was reached once stays reached. The mean over several λ is such a product too (Waudby-Smith
and Ramdas, "Estimating means of bounded random variables by betting", 2024, JRSS B).

No single analyst proves anything. The product is kept once more without each analyst, and half of
the nats must have been reached in each of those. Two conditions are stricter than one, so the
error stays as promised; and whatever one analyst says, the others are a test martingale of their
own: with honest others a false proof has at most the chance √α, for a worse policy far less
(measured with one of five always for the challenger: 15 % of those that are no better, 1.3 % of
those a point worse). Stakes damped by how much their analyst has said, which was tried instead,
let 93 % through. Against two who lie alike only the analysts' standings help.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

# A stake is best at (wins − losses) / (wins + losses). Below 0.13 no stake gets to a proof within
# 400 verdicts, so smaller ones would only cost; measured over eight grids in bench_gate.py.
STAKES = (0.2, 0.4)
OTHERS = 0.5  # part of the nats that must be reached without any one analyst


class Evidence:
    """A bet that z is positive in the mean, over verdicts taken one by one."""

    def __init__(self, bar: float) -> None:
        """`bar` is the proof in nats: ln 1/α."""
        self.bar = bar
        self.log = self.highest = 0.0  # nats now, and at most so far
        self._all = [1.0] * len(STAKES)
        self._without: dict[str, list[float]] = {}
        self._highest_without: dict[str, float] = {}

    def take(self, analyst: str, z: int) -> None:
        """One verdict more."""
        if analyst not in self._without:  # until now their absence made no difference
            self._without[analyst] = list(self._all)
            self._highest_without[analyst] = self.highest
        _bet(self._all, z)
        self.log = _nats(self._all)
        self.highest = max(self.highest, self.log)
        for other, product in self._without.items():
            if other != analyst:
                _bet(product, z)
                self._highest_without[other] = max(self._highest_without[other], _nats(product))

    @property
    def leans_on(self) -> str:
        """The analyst without whom there is least; "" before the first verdict."""
        return min(self._highest_without, key=self._highest_without.__getitem__, default="")

    @property
    def without_any_one(self) -> float:
        """Nats reached at most, without the analyst that it leans on."""
        return self._highest_without.get(self.leans_on, 0.0)

    @property
    def others_bar(self) -> float:
        return OTHERS * self.bar

    @property
    def proven(self) -> bool:
        return self.highest >= self.bar and self.without_any_one >= self.others_bar


def _bet(product: list[float], z: int) -> None:
    if z:
        for index, stake in enumerate(STAKES):
            product[index] *= 1 + stake * z


def _nats(product: Sequence[float]) -> float:
    return math.log(sum(product) / len(product))
