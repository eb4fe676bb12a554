"""What `check` looks at, each with an answer of its own."""

from __future__ import annotations

import difflib
import os
import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from alerts.raising import ORIGIN_MEMORY
from alerts.types import Stream
from alerts.wording import counted
from monitor.cli.opening import opened_store
from monitor.clock import wall_clock
from monitor.config import Settings, read_toml
from monitor.config_secrets import literal_secrets
from monitor.errors import StoreError
from monitor.store.engine import missing_file
from monitor.urls import origin


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    ok: bool
    said: str
    warning: bool = False  # nothing fails, but it should be mended

    @property
    def word(self) -> str:
        return "BAD " if not self.ok else "warn" if self.warning else "ok  "

    def document(self) -> dict[str, Any]:
        return asdict(self)


def findings(settings: Settings, config: Path | None = None) -> list[Finding]:
    """One finding each for store, checkpoint, receivers, learning, gold and every feed's host;
    one for owners where some are named, and one for secrets where the file `config` holds some
    itself.

    Raises StoreError, CheckpointError and ConfigError: without those nothing runs.
    """
    return [
        *_store(settings),
        *_secrets(config),
        *_checkpoint(settings),
        *_receivers(settings),
        *_learning(settings),
        *_gold(settings),
        *_owners(settings),
        *_feeds(settings),
    ]


def _store(settings: Settings) -> Iterator[Finding]:
    """Whoever only asks makes none: it would be theirs, and the daemon might not write to it."""
    if missing := missing_file(settings.store.url):
        yield Finding("store", True, f"{_to_be_made(missing)}: none yet; `downdraft run` makes it")
        return
    with opened_store(settings) as store:
        yield Finding("store", True, store.shown)


def _to_be_made(file: Path) -> Path:
    """Raises StoreError where it cannot be."""
    if not _may_write(file.absolute().parent):
        raise StoreError(
            f"store {file}: cannot be made: its folder is not there, or not ours to write in; "
            "see store.url"
        )
    return file


def _secrets(config: Path | None) -> Iterator[Finding]:
    found = list(literal_secrets(read_toml(config))) if config else []
    if found:
        mend = "name a file (*_file) or a variable (*_env) instead"
        said = f"{config} holds {len(found)} itself: {'; '.join(found)}; {mend}"
        yield Finding("secrets", True, said, warning=True)


def _checkpoint(settings: Settings) -> Iterator[Finding]:
    from policy.manifest import FALLBACK, SHIPPED, verify

    given = settings.policy.checkpoint
    described = verify(Path(given) if given else SHIPPED)
    yield Finding("checkpoint", True, f"{described.id}, {described.encoder}")
    yield Finding("fallback", True, f"{verify(FALLBACK).id}, served where the checkpoint cannot be")


def _receivers(settings: Settings) -> Iterator[Finding]:
    from contextlib import ExitStack

    from monitor.receivers import open_senders

    with ExitStack() as stack:
        names = sorted(open_senders(settings.receivers, stack))
    yield Finding("receivers", True, ", ".join(names) or "none: alerts show on the page only")


def _learning(settings: Settings) -> Iterator[Finding]:
    folder = settings.learn.folder.resolve()
    standing = next(each for each in (folder, *folder.parents) if each.exists())
    if _may_write(standing):
        yield Finding("learn folder", True, str(folder))
    else:
        yield Finding("learn folder", False, f"{standing}: cannot be written; see learn.folder")
    for file in settings.learn.anchors:
        yield _labelled("anchors", file)  # a round of learning fails without


def _may_write(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _gold(settings: Settings) -> Iterator[Finding]:
    if settings.review.gold_file is not None:  # the queue goes on without
        yield _labelled("gold file", settings.review.gold_file)


def _labelled(what: str, file: Path) -> Finding:
    from policy.data import read_labelled
    from policy.errors import DataError

    try:
        return Finding(what, True, f"{file}: {len(read_labelled(file)):,} headlines")
    except DataError as fault:
        return Finding(what, False, str(fault))


def _owners(settings: Settings) -> Iterator[Finding]:
    """An outlet that nobody has heard of has probably been spelt another way."""
    if not settings.owners:
        return
    known = {name.casefold(): name for name in _outlets(settings)}
    named = [outlet for outlets in settings.owners.values() for outlet in outlets]
    unheard = [outlet for outlet in named if outlet.casefold() not in known]
    said = f"{counted(len(named), 'outlet')} of {counted(len(settings.owners), 'owner')}"
    if unheard:
        told = ", ".join(_perhaps(outlet, known) for outlet in unheard)
        said += f"; not heard of: {told}; spell outlets as the console does"
    yield Finding("owners", True, said, warning=bool(unheard))


def _perhaps(outlet: str, known: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(outlet.casefold(), known, n=1)
    return f"{outlet} (did you mean {known[near[0]]}?)" if near else outlet


def _outlets(settings: Settings) -> set[str]:
    """Of all feeds, and those that told something in the last two weeks."""
    from monitor.store import feeds
    from monitor.store.detection import SqlLedger

    found = {entry.origin or origin(entry.url) for entry in settings.feeds}
    if missing_file(settings.store.url):
        return found
    now = wall_clock()
    with opened_store(settings) as store, store.read() as tx:
        told = SqlLedger(tx).origins(Stream(), now - ORIGIN_MEMORY, now)
        return found.union(told, feeds.outlets(tx).values())


def _feeds(settings: Settings) -> Iterator[Finding]:
    """Of the configuration, and those that were added by command."""
    urls = {entry.url for entry in settings.feeds}.union(_added(settings))
    if not urls:
        yield Finding("feeds", True, "none watched; add [[feeds]] or `downdraft feeds add URL`")
    else:
        extra = len(urls) - len(settings.feeds)
        yield Finding("feeds", True, f"{len(urls)} watched, {extra} of them added by command")
    with ThreadPoolExecutor(16) as pool:
        yield from pool.map(_resolve, sorted({urlsplit(url).hostname or "" for url in urls}))


def _added(settings: Settings) -> list[str]:
    from monitor.store import feeds

    if missing_file(settings.store.url):
        return []
    with opened_store(settings) as store, store.read() as tx:
        return [row.url for row in feeds.active(tx) if row.source != "config"]


def _resolve(host: str) -> Finding:
    try:
        addresses = {info[4][0] for info in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)}
    except OSError as error:
        return Finding(f"feed host {host}", False, f"does not resolve: {error.strerror}")
    return Finding(f"feed host {host}", True, f"resolves to {len(addresses)} addresses")
