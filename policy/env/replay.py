"""A log of verdicts as an environment: what analysts answered to labels that we showed.

The log knows the reward of the label that was shown, and of all labels where the item was blind.
Where a rejection came with a correction the rewards of the other labels are known too, but only
because that one was wrong: to count them would favour what was not shown. `info` says:

- `observed`: whether the reward is what the analyst said of this very answer
- `propensity`: μ of the label shown, 1 where the item was blind; reward/μ where observed, else 0,
  is unbiased
- `shown`: the label shown, −1 where the item was blind
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray

from policy.annotators import newcomers
from policy.env.sight import Features, Sight
from policy.env.stream import Stream
from policy.errors import DataError
from policy.learners.evidence import beliefs_after
from policy.learners.gather import arrays, tells
from policy.learners.types import NONE, Feedback, Panel
from policy.verdicts import LABELS, Head, Verdict

Replay = Literal["matched", "rejection", "likelihood"]


class Verdicts(Stream):
    """`downdraft/Verdicts-v0`: the verdicts on a head that say something, in order of time.

    `replay` says what an answer earns that nobody has judged:

    - "matched": nothing, and it is not observed
    - "rejection": the same, and a label shown often is observed less often, by the least propensity
      over its own. What is observed is then as if the agent itself had shown it: Li et al. 2011,
      "Unbiased Offline Evaluation of Contextual-bandit-based News Article Recommendation
      Algorithms", arXiv 1003.5956, there for a log whose labels were drawn uniformly
    - "likelihood": P(answer is right | verdict and correction), by Bayes, with all labels equally
      likely before
    """

    def __init__(
        self,
        verdicts: Sequence[Verdict],
        head: Head = "sentiment",
        *,
        replay: Replay = "matched",
        features: Features | None = None,
        panel: Panel | None = None,
        episode_length: int | None = None,
        render_mode: str | None = None,
    ) -> None:
        """`panel` is how far the analysts are believed, by name; newcomers unless given.

        Abstentions, gold items and what contradicts itself are left out. Raises DataError for an
        impossible verdict, naming it, and for an unknown replay.
        """
        if replay not in get_args(Replay):
            raise DataError(f"replay {replay!r} is none of {', '.join(get_args(Replay))}")
        asked = (each for each in verdicts if each.head == head and tells(each))
        some = [each for each in asked if each.why != "gold" and not each.truth]
        some.sort(key=lambda each: (each.at, each.id))
        sight = Sight([each.text for each in some], [each.target for each in some], features)
        super().__init__(sight, LABELS[head], episode_length, render_mode)
        names = sorted({each.analyst for each in some})
        log = arrays(some, head, names, torch.ones(len(some)))
        self._replay, self._log = replay, _Logged(log)
        self._right = _right(log, panel or newcomers(len(names), len(self.labels)))

    def _walk(self, length: int) -> NDArray[np.int64]:
        """One after the other, from a start that is drawn."""
        start = int(self.np_random.integers(len(self._sight) - length + 1))
        return np.arange(start, start + length)

    def _judge(self, row: int, action: int) -> tuple[float, dict[str, Any]]:
        log = self._log
        judged = log.shown[row] in (action, NONE)
        if self._replay == "rejection":
            judged = judged and self.np_random.random() * log.propensity[row] < log.least
        reward = float(action == log.label[row]) if judged else 0.0
        if self._replay == "likelihood":
            reward = float(self._right[row, action])
        propensity, shown = float(log.propensity[row]), int(log.shown[row])
        return reward, {"observed": bool(judged), "propensity": propensity, "shown": shown}


class _Logged:
    """N verdicts as arrays: the label shown, the one that is right as far as is known, and μ."""

    def __init__(self, log: Feedback) -> None:
        self.shown: NDArray[np.int64] = log.shown.numpy()
        right = torch.where(log.confirmed, log.shown, log.correction)
        self.label: NDArray[np.int64] = right.numpy()  # −1 where only known to be another
        self.propensity: NDArray[np.float64] = log.propensity.double().numpy()
        self.least = float(self.propensity.min())


def _right(log: Feedback, panel: Panel) -> NDArray[np.float64]:
    """P(label is right | verdict) (N, K)."""
    labels = panel.confusion.shape[1]
    before = torch.zeros(len(log), labels, dtype=torch.float64)
    return np.asarray(beliefs_after(before, log, panel).numpy())
