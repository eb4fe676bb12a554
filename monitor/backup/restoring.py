"""Restoring: all is checked and made ready aside; what makes it true is one stroke, the last.

Killed before it, the store is what it was (checkpoints that were put down already are named by
nothing and harm nobody). The stroke is a rename, on PostgreSQL the end of one transaction.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from monitor.backup import checkpoints
from monitor.backup.archive import Archive, opened
from monitor.backup.drafts import draft_in, give_to_owner_of
from monitor.backup.manifest import STORE, Manifest
from monitor.config import Settings
from monitor.errors import ConfigError, DataError, StoreError
from monitor.learning.schooling import forget_in
from monitor.store import copying, sqlite_files
from monitor.store.engine import open_store
from policy.durable import sync


@dataclass(frozen=True, slots=True)
class Restored:
    """A store that is there now."""

    manifest: Manifest
    schema: str  # to which it was brought
    aside: Path | None  # where the SQLite file lies that was in its place


def restore(settings: Settings, file: Path, now: datetime, force: bool) -> Restored:
    """Raises DataError where `file` is no whole backup, StoreError where the store is in use or
    not empty, ConfigError where we may not write."""
    with opened(file) as archive:
        archive.verify()
        _refuse_newer(archive)
        place = sqlite_files.file_of(settings.store.url)
        try:
            if place is None:
                return _into_server(archive, settings)
            return _into_file(archive, settings, place, now, force)
        except OSError as error:
            raise ConfigError(
                f"{error.filename or place}: cannot be written: {error.strerror or error}; make"
                " room there and let us write"
            ) from error


def _refuse_newer(archive: Archive) -> None:
    known, schema = sqlite_files.known_schemas(), archive.manifest.schema
    if schema not in known:
        raise DataError(
            f"{archive.file}: its store is at schema {schema!r:.20}, this program knows none after"
            f" {known[0]}; upgrade downdraft first"
        )


def _into_file(
    archive: Archive, settings: Settings, place: Path, now: datetime, force: bool
) -> Restored:
    with sqlite_files.alone_with(place):
        pass  # else it would be told only when everything is made ready
    if not force and sqlite_files.is_occupied(place):
        raise StoreError(
            f"store {place}: is not empty; name another as store.url, or give it another name"
            " with --force"
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    with draft_in(place.parent) as draft:
        schema = _made_ready(archive, settings, draft / STORE)
        give_to_owner_of(place.parent, draft / STORE)
        aside = sqlite_files.put(draft / STORE, place, now)
        sync(place.parent)
    return Restored(archive.manifest, schema, aside)


def _into_server(archive: Archive, settings: Settings) -> Restored:
    folder = settings.learn.folder
    with closing(open_store(settings.store.url)) as store:
        with store.read() as tx:
            copying.refuse_rows(tx)
        folder.mkdir(parents=True, exist_ok=True)
        with draft_in(folder) as draft:
            schema = _made_ready(archive, settings, draft / STORE)
            with closing(open_store(f"sqlite:///{draft / STORE}")) as copy:
                copying.fill(store, copy)
    return Restored(archive.manifest, schema, None)


def _made_ready(archive: Archive, settings: Settings, file: Path) -> str:
    """The store in a file of its own, up to date; checkpoints in their places. Its schema."""
    archive.extract(STORE, file)
    file.chmod(0o600)  # it holds keys
    if sqlite_files.schema_of(file) != archive.manifest.schema:
        raise DataError(f"{archive.file}: its store is not at the schema that its manifest says")
    if wrong := sqlite_files.fault(file):
        raise DataError(f"{archive.file}: its store is damaged: {wrong}; take another backup")
    checkpoints.put_back(archive, settings)
    forget_in(settings.learn.folder)  # a training that this store has never begun
    with closing(open_store(f"sqlite:///{file}")) as copy, copy.write() as tx:
        checkpoints.repoint(tx, settings)
        schema = copying.schema(tx)
    sqlite_files.fold(file)
    sync(file)
    return schema
