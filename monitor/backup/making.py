"""Making a backup: the store first, then the checkpoints that this copy of it names."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alerts.wording import rfc3339
from monitor.backup import checkpoints
from monitor.backup.archive import fingerprint, pack
from monitor.backup.drafts import draft_in
from monitor.backup.manifest import STORE, Manifest, folder_of
from monitor.config import Settings
from monitor.errors import ConfigError, StoreError
from monitor.store import copying, sqlite_files
from monitor.store.engine import Store, open_store
from policy.durable import sync


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that is there now."""

    manifest: Manifest
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class _Copied:
    schema: str
    counts: copying.Counts
    files: Mapping[str, Path]  # name in the archive → where it lies
    missing: tuple[str, ...]


def back_up(settings: Settings, file: Path, now: datetime, force: bool) -> Made:
    """Everything committed before it began, in one file that is there whole or not at all.

    Raises ConfigError where `file` cannot be written, StoreError where the store is not there,
    empty or damaged: then an older backup is worth more than a new one.
    """
    try:
        _refuse(file, force)
        _refuse_nothing(settings)
        with closing(open_store(settings.store.url)) as store, draft_in(file.parent) as draft:
            copied = _copied(store, settings, draft)
            manifest = _manifest(copied, store, now)
            pack(draft / "backup", manifest, copied.files, now.timestamp())
            size = (draft / "backup").stat().st_size
            (draft / "backup").replace(file)
            sync(file.parent)
    except OSError as error:
        raise ConfigError(
            f"{file}: cannot be written: {error.strerror or error}; make room and let us write in"
            " its folder, twice the store's size for a while"
        ) from error
    return Made(manifest, size)


def _refuse(file: Path, force: bool) -> None:
    if file.is_dir():
        raise ConfigError(f"{file}: is a folder; name a file in it")
    if not file.parent.is_dir():
        raise ConfigError(f"{file}: its folder is not there; make it first")
    if file.exists() and not force:
        raise ConfigError(f"{file}: is there already; name another, or overwrite it with --force")


def _refuse_nothing(settings: Settings) -> None:
    """Opening a SQLite store that is not there would make one, and its backup would look fine."""
    place = sqlite_files.file_of(settings.store.url)
    if place is not None and not place.exists():
        raise StoreError(f"store {place}: is not there; check store.url and the folder we are in")


def _copied(store: Store, settings: Settings, draft: Path) -> _Copied:
    copying.copy_into_file(store, draft / STORE)
    if wrong := sqlite_files.fault(draft / STORE):
        raise StoreError(
            f"store {store.shown}: is damaged ({wrong}); nothing was written; `downdraft restore`"
            " brings back the last backup"
        )
    with closing(open_store(f"sqlite:///{draft / STORE}")) as copy, copy.read() as tx:
        if copying.is_empty(tx):
            raise StoreError(f"store {store.shown}: holds nothing; check store.url")
        schema, counts = copying.schema(tx), copying.counts(tx)
        named = checkpoints.needed(tx, settings)
        missing = checkpoints.unreadable_home(tx, settings)
    sqlite_files.fold(draft / STORE)
    files = {STORE: draft / STORE}
    for id_, place in named.items():
        folder = draft / folder_of(id_)
        if not checkpoints.copy_out(id_, place, folder):
            missing.append(id_)
            continue
        files |= {folder_of(id_) + each.name: each for each in sorted(folder.iterdir())}
    return _Copied(schema, counts, files, tuple(missing))


def _manifest(copied: _Copied, store: Store, now: datetime) -> Manifest:
    names = [name.split("/")[1] for name in copied.files if name != STORE]
    return Manifest(
        schema=copied.schema,
        store=store.engine.dialect.name,
        at=rfc3339(now),
        counts=copied.counts,
        checkpoints=tuple(dict.fromkeys(names)),
        missing=copied.missing,
        members={name: fingerprint(each) for name, each in copied.files.items()},
    )
