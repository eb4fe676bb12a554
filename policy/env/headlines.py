"""Labelled headlines as a bandit: the agent answers and is told what that was worth, no more.

The usual conversion of classification (Beygelzimer and Langford 2009, "The Offset Tree", arXiv
0812.4044; Bietti et al., arXiv 1802.04064).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.data import Example, read_labelled
from policy.env.sight import Features, Sight
from policy.env.stream import Stream
from policy.verdicts import LABELS, Head

Reward = Callable[[int, int], float]  # of the true label and the one answered


def right_or_wrong(truth: int, said: int) -> float:
    return float(truth == said)


def by_table(table: NDArray[np.float64]) -> Reward:
    """Rewards out of a table (K, K) of policy/reward.py: [truth, answer]."""
    return lambda truth, said: float(table[truth, said])


class Headlines(Stream):
    """`downdraft/Headlines-v0`: the rows of a file that have a label of the head, shuffled."""

    def __init__(
        self,
        rows: Sequence[Example] | str | Path,
        head: Head = "sentiment",
        *,
        features: Features | None = None,
        reward: Reward = right_or_wrong,
        episode_length: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        """`rows` are examples or a CSV as `downdraft train` reads it.

        Without `features` an observation is the headline's text, "Target: text" where it is about
        one. An action is a place in LABELS[head]. Raises DataError.
        """
        given = read_labelled(Path(rows)) if isinstance(rows, str | Path) else rows
        some = [each for each in given if getattr(each, head)]
        sight = Sight([each.text for each in some], [each.target for each in some], features)
        super().__init__(sight, LABELS[head], episode_length, render_mode)
        self._truth = [LABELS[head].index(getattr(each, head)) for each in some]
        self._reward = reward

    def _walk(self, length: int) -> NDArray[np.int64]:
        return self.np_random.permutation(len(self._truth))[:length]

    def _judge(self, row: int, action: int) -> tuple[float, dict[str, Any]]:
        """`best` is what the best answer would have earned: less the reward, it is the regret."""
        truth = self._truth[row]
        best = max(self._reward(truth, said) for said in range(len(self.labels)))
        return self._reward(truth, action), {"best": best}
