"""The checkpoints that a store names: those it cannot do without, copied out and put back."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from monitor.backup.archive import Archive
from monitor.backup.drafts import give_to_owner_of
from monitor.backup.manifest import folder_of
from monitor.config import Settings
from monitor.errors import DataError
from monitor.learning.pruning import wanted
from monitor.live_policy import home, live, place_of
from monitor.store import learning, trials
from monitor.store.engine import Transaction
from policy.durable import replacing
from policy.errors import CheckpointError
from policy.manifest import CARD, MANIFEST, SHIPPED, describe, verify

_TRIES = 3  # a card may be rewritten while it is read


def needed(tx: Transaction, settings: Settings) -> dict[str, Path]:
    """Live, what a rollback would return to, both sides of open trials: id → where it lies.

    Without what every installation brings along, unless the store names it by its id: the next
    version may bring another.
    """
    ids = wanted(tx, settings)
    if learning.newest_promotion(tx) is None and not trials.open_trials(tx):
        ids.discard(describe(SHIPPED).id)
    return {id_: place_of(tx, settings, id_) for id_ in sorted(ids)}


def unreadable_home(tx: Transaction, settings: Settings) -> list[str]:
    """The configured checkpoint's path where it is what serves and cannot be told by an id."""
    serves = live(tx, settings)
    return [] if serves.checkpoint else [str(serves.path)]


def copy_out(id_: str, path: Path, into: Path) -> bool:
    """False where it is not there, or not whole. Only the files that its manifest knows."""
    for _ in range(_TRIES):
        shutil.rmtree(into, ignore_errors=True)
        with suppress(OSError, CheckpointError):
            into.mkdir(parents=True)
            for name in (*describe(path).answers, CARD, MANIFEST):
                shutil.copyfile(path / name, into / name)
            if verify(into).id == id_:
                return True
    shutil.rmtree(into, ignore_errors=True)
    return False


def put_back(archive: Archive, settings: Settings) -> None:
    """Each into learn.folder under its id, whole or not at all; what is there already stays.

    Raises DataError where one is not what its id says.
    """
    for id_ in archive.manifest.checkpoints:
        place = settings.learn.folder / id_
        if any(_holds(path, id_) for path in (home(settings), SHIPPED, place)):
            continue
        new = not place.parent.exists()
        with replacing(place) as draft:
            _extract(archive, id_, draft)
        inner = place.resolve().parent if new else place.resolve()
        give_to_owner_of(inner.parent, inner)


def _extract(archive: Archive, id_: str, draft: Path) -> None:
    prefix = folder_of(id_)
    for name in archive.begins:
        if name.startswith(prefix):
            archive.extract(name, draft / name.removeprefix(prefix))
    try:
        found = verify(draft).id
    except CheckpointError as error:
        raise DataError(f"{archive.file}: checkpoint {id_} is not whole: {error}") from None
    if found != id_:
        raise DataError(f"{archive.file}: what it calls checkpoint {id_} is {found}")


def _holds(path: Path, id_: str) -> bool:
    try:
        return verify(path).id == id_
    except CheckpointError:
        return False


def repoint(tx: Transaction, settings: Settings) -> None:
    """Rows say where checkpoints lie now: in learn.folder, but for those found where they were.

    Of a candidate that was not copied, the place where it would be looked for.
    """
    for one in learning.checkpoints(tx):
        place = settings.learn.folder.resolve() / one.id
        if _holds(place, one.id) or not _holds(Path(one.path), one.id):
            learning.add_checkpoint(tx, replace(one, path=str(place)))
