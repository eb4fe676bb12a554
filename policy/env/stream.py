"""One headline a step: what the environments share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.error import InvalidAction, ResetNeeded
from numpy.typing import NDArray

from policy.env.sight import Sight
from policy.errors import DataError


class Stream(gymnasium.Env[Any, Any]):
    """An episode walks over rows; what each answer earns is the subclass's business."""

    def __init__(
        self,
        sight: Sight,
        labels: tuple[str, ...],
        episode_length: int | None,
        render_mode: str | None,
    ) -> None:
        """Raises DataError for an episode of no headlines or more than there are."""
        length = len(sight) if episode_length is None else episode_length
        if not 0 < length <= len(sight):
            raise DataError(f"episode_length {length}: give 1 to {len(sight)}, or leave it out")
        self.labels = labels  # by action
        self.render_mode = render_mode
        self.observation_space = sight.space
        self.action_space = spaces.Discrete(len(labels))
        self._sight, self._length = sight, length
        self._rows: NDArray[np.int64] = np.zeros(0, np.int64)
        self._place = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """The first headline of an episode, and its `row` in what was given."""
        super().reset(seed=seed)
        self._rows, self._place = self._walk(self._length), 0
        row = int(self._rows[0])
        return self._sight.of(row), {"row": row}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Answers the headline last seen; the next one follows, which does not hang on the answer.

        After the last one of a whole pass the episode is terminated, of a shorter one truncated;
        the observation is then the last one once more. Raises InvalidAction and ResetNeeded.
        """
        if not self.action_space.contains(action):
            raise InvalidAction(f"{action!r} is no label: give 0 to {len(self.labels) - 1}")
        if self._place >= len(self._rows):
            raise ResetNeeded("there is no headline to answer: call reset")
        answered = int(self._rows[self._place])
        reward, told = self._judge(answered, int(action))
        self._place += 1
        over = self._place == self._length
        row = int(self._rows[min(self._place, self._length - 1)])
        whole = self._length == len(self._sight)
        info = {"row": row, "answered": answered} | told
        return self._sight.of(row), reward, over and whole, over and not whole, info

    @abstractmethod
    def _walk(self, length: int) -> NDArray[np.int64]:
        """So many rows, for an episode."""

    @abstractmethod
    def _judge(self, row: int, action: int) -> tuple[float, dict[str, Any]]:
        """What the answer earns, and what else is told of it."""
