"""The policy that serves: that of the newest promotion, else the configured or shipped one.

Every daemon on a database looks up at each tick of its label job what is live, so that all follow
alike. A new checkpoint is opened before the old one is let go of; where it cannot be opened the
old one serves on, and the log says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from monitor.config import Settings
from monitor.store import learning
from monitor.store.engine import Store, Transaction
from monitor.store.learning import Promotion
from policy.degrade import FAILURES, Change, Degrading, Opener, ladder
from policy.errors import CheckpointError
from policy.manifest import SHIPPED, describe
from policy.types import Prediction, Tier

log = structlog.get_logger()

_RETRY = timedelta(minutes=1)  # of a checkpoint that would not open: it may be on its way


@dataclass(frozen=True, slots=True)
class Live:
    """What ought to serve, and since which promotion."""

    checkpoint: str
    path: Path
    number: int = 0  # of the promotion; 0: there was none yet


def home(settings: Settings) -> Path:
    """The checkpoint that serves where nothing was ever promoted."""
    return Path(settings.policy.checkpoint) if settings.policy.checkpoint else SHIPPED


def live(tx: Transaction, settings: Settings) -> Live:
    """What ought to serve now; its id is "" where the configured directory is no checkpoint."""
    newest = learning.newest_promotion(tx)
    if newest is None:
        path = home(settings)
        return Live(_id_at(path), path)
    return _live_by(tx, settings, newest)


def _live_by(tx: Transaction, settings: Settings, newest: Promotion) -> Live:
    return Live(newest.checkpoint, place_of(tx, settings, newest.checkpoint), newest.number)


def place_of(tx: Transaction, settings: Settings, id_: str) -> Path:
    """Where a checkpoint lies that is named by its id; a place that is empty is a place too."""
    for path in (home(settings), SHIPPED):
        if _id_at(path) == id_:
            return path
    known = learning.find_checkpoint(tx, id_)
    kept = settings.learn.folder / id_
    return kept if known is None or _id_at(kept) == id_ else Path(known.path)


def _id_at(path: Path) -> str:
    try:
        return describe(path).id
    except CheckpointError:
        return ""


def rungs_of(live: Live, settings: Settings) -> tuple[Opener, ...]:
    """The live checkpoint on its device, on the processor; then the configured one, if that is
    another; then the fallback."""
    device = settings.policy.device
    *own, fallback = ladder(live.path, device)
    at_home = home(settings)
    return (*own, fallback) if live.path == at_home else (*own, *ladder(at_home, device))


class LivePolicy:
    """A policy that follows the promotions in a store. `follow` is called at each label tick."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        clock: Callable[[], datetime],
        unopened: Callable[[], None],
        changed: Callable[[Change], None],
    ) -> None:
        """`unopened` is told of each promotion whose checkpoint would not open, once.

        Raises what the last rung raises where nothing can serve.
        """
        self._store, self._settings, self._clock = store, settings, clock
        self._unopened = unopened
        with store.read() as tx:
            self._live = live(tx, settings)
        self._refused, self._retry_at = 0, clock()
        self._serving = Degrading(rungs_of(self._live, settings), changed)

    @property
    def checkpoint(self) -> str:
        return self._serving.checkpoint

    @property
    def tier(self) -> Tier:
        return self._serving.tier

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        """As policy.types.Policy has it."""
        return self._serving.label(texts, targets)

    def follow(self) -> None:
        """Serves what the newest promotion names; one look into the store where nothing changed."""
        with self._store.read() as tx:
            newest = learning.newest_promotion(tx)
            if newest is None or newest.number == self._live.number:
                return
            if newest.number == self._refused and self._clock() < self._retry_at:
                return
            wanted = _live_by(tx, self._settings, newest)
        self._change_to(wanted)

    def _change_to(self, wanted: Live) -> None:
        known = {"checkpoint": wanted.checkpoint, "promotion": wanted.number}
        try:
            self._open(wanted)
        except FAILURES as error:
            if self._refused != wanted.number:  # once: it is tried again every minute
                self._unopened()
                reason = " ".join(str(error).split())[:300]
                log.error("policy.unopened", **known, serves_on=self.checkpoint, reason=reason)
            self._refused, self._retry_at = wanted.number, self._clock() + _RETRY
            return
        self._live, self._refused = wanted, 0
        log.info("policy.changed", **known, tier=self.tier)

    def _open(self, wanted: Live) -> None:
        found = describe(wanted.path).id
        if found != wanted.checkpoint:
            raise CheckpointError(
                f"{wanted.path}: holds {found}, not {wanted.checkpoint}; copy the right directory"
                " there, or promote another with `downdraft policy promote`"
            )
        self._serving.replace(rungs_of(wanted, self._settings))
