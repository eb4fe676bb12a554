"""The policies that a round asks, each opened once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from monitor.config import Settings
from monitor.live_policy import home, place_of
from monitor.store.engine import Store
from policy.errors import CheckpointError
from policy.manifest import SHIPPED, describe
from policy.opening import open_policy
from policy.types import Policy, Prediction

Pair = tuple[str, str]  # text, target


class Asked:
    """A policy that is asked about each (text, target) once."""

    def __init__(self, policy: Policy, batch: int) -> None:
        self.policy, self._batch = policy, batch
        self._known: dict[Pair, Prediction] = {}

    def about(self, pairs: Iterable[Pair]) -> Mapping[Pair, Prediction]:
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
        for start in range(0, len(new), self._batch):
            part = new[start : start + self._batch]
            answers = self.policy.label([text for text, _ in part], [name for _, name in part])
            self._known.update(zip(part, answers, strict=True))
        return self._known


class Bench:
    """Opened by id, from wherever the store says that they lie."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._opened: dict[str, Asked] = {}

    def of(self, id_: str) -> Asked:
        """Raises CheckpointError where it is not there any more or is another one."""
        if id_ not in self._opened:
            with self._store.read() as tx:
                path = place_of(tx, self._settings, id_)
            self._opened[id_] = self._open(path, id_)
        return self._opened[id_]

    def untaught(self) -> Asked:
        """The policy that never saw a verdict: what the configuration names, or the shipped one."""
        try:
            return self.of(describe(home(self._settings)).id)
        except CheckpointError:  # moved away, while what was learned from it serves on
            return self.of(describe(SHIPPED).id)

    def _open(self, path: Path, id_: str) -> Asked:
        policy = open_policy(path, self._settings.policy.device)
        if policy.checkpoint != id_:
            raise CheckpointError(f"{path}: holds {policy.checkpoint}, not {id_}")
        return Asked(policy, self._settings.policy.batch)
