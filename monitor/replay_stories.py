"""Which headlines of an archive tell one story: found once, kept between runs.

Near-copies within three days are one story, by their titles or by the words that open them, and so
is a headline told again in the same words at any later time: an outlet that sends its past once
more brings no news.

The cache is one array file an archive, keyed by everything that decides the answer: times, titles
and ledes, the window, and the code that compares them.
"""

from __future__ import annotations

import hashlib
import sys
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alerts.owners import NO_OWNERS, Owners
from monitor import headline_text, headline_words, ledes, stories
from monitor.archive import Entry
from monitor.floods import FEW, Intake
from monitor.languages import tongue
from monitor.ledes import READ, lede_key, retold
from monitor.replay_cache import Say, keep, read
from monitor.stories import STORY_WINDOW, Signature, StoryIndex, signature, telling_key

_Words = NDArray[np.uint32]
_MARK_WORDS = 4
_HEAD = _MARK_WORDS + 1  # the mark, a checksum; then the ids
_EVERY = 4096  # headlines between two words of progress


def story_ids(
    entries: Sequence[Entry],
    cache: Path | None,
    progress: Callable[[int, int], None] | None = None,
    say: Say | None = None,
) -> list[int]:
    """For each entry the number of the entry that told its story first; entries in order of time.

    `cache`: a folder, or None to keep nothing. A cache that is torn or of something else is made
    anew, and so `say` is told.
    """
    if cache is None:
        return _cluster(entries, progress)
    mark = _mark(entries)
    path = cache / f"stories-{mark.tobytes().hex()}.npy"
    found = _load(path, mark, len(entries))
    if found is not None:
        return found
    if path.exists() and say:
        say(f"{path}: torn or not of this archive; the stories are found anew")
    ids = _cluster(entries, progress)
    keep(path, _rows(mark, np.array(ids, dtype=np.uint32)), "stories", say)
    return ids


def _cluster(
    entries: Sequence[Entry], progress: Callable[[int, int], None] | None = None
) -> list[int]:
    index, ids = StoryIndex(STORY_WINDOW), list[int]()
    told: dict[int | None, int] = {}  # by what they say, of the whole archive
    opening = _Ledes(entries)
    for number, entry in enumerate(entries):
        mark, lede = signature(entry.title), lede_key(entry.summary)
        story_id = index.find(mark, entry.at)
        key = telling_key(mark)
        if story_id is None:
            story_id = told.get(key)
        if story_id is None:
            story_id = opening.find(lede, mark, entry.at, number)
        if story_id == number:
            index.add(story_id, mark, entry.at)
        if key is not None:
            told.setdefault(key, story_id)
        opening.add(lede, story_id)
        ids.append(story_id)
        if progress and (number + 1) % _EVERY == 0:
            progress(number + 1, len(entries))
    if progress:
        progress(len(entries), len(entries))
    return ids


class _Ledes:
    """Which story opened with which words; those of several stories tell nothing."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._holder: dict[int, int] = {}  # −1: several

    def find(self, lede: int | None, mark: Signature, at: datetime, number: int) -> int:
        """The story of a title by its lede, else `number`: a new one."""
        holder = self._holder.get(lede, -1) if lede is not None else -1
        if holder < 0:
            return number
        first = self._entries[holder]
        return holder if retold(mark, first.title, first.at, at) else number

    def add(self, lede: int | None, story_id: int) -> None:
        if lede is not None and self._holder.setdefault(lede, story_id) != story_id:
            self._holder[lede] = -1


def set_aside(
    entries: Sequence[Entry],
    ids: Sequence[int],
    say: Say | None = None,
    owners: Owners = NO_OWNERS,
) -> frozenset[int]:
    """Numbers of the entries that are kept and not counted: told before the window, beyond what
    their outlet may tell on a day, or in a language that tells of itself to be foreign. An archive
    has no documents, by which the daemon tells the rest.

    `say` is told of each outlet and day on which it matters, and of the languages.
    """
    intake, counted, again = Intake(owners), set[int](), Counter[tuple[str, int]]()
    aside = {number for number, entry in enumerate(entries) if tongue(entry.title).alone}
    if say and aside:
        say(f"{len(aside):,} headlines are not in English: not counted")
    for number, (entry, story_id) in enumerate(zip(entries, ids, strict=True)):
        if number in aside:
            continue
        if story_id in counted:
            if entry.at - entries[story_id].at >= STORY_WINDOW:
                again[entry.origin, entry.at.toordinal()] += 1
                aside.add(number)
        elif intake.counts(entry.origin, entry.at):
            counted.add(story_id)
        else:
            aside.add(number)
    if say:
        for line in _aside_lines(intake, again):
            say(line)
    return frozenset(aside)


def _aside_lines(intake: Intake, again: Counter[tuple[str, int]]) -> Iterator[str]:
    days = {key for key, many in again.items() if many > FEW} | intake.refused.keys()
    for outlet, day in sorted(days, key=lambda key: (key[1], key[0])):
        told, beyond = again[outlet, day], intake.refused[outlet, day]
        most = intake.most(outlet, day) if beyond else None
        owner = intake.owners.of(outlet)
        whose = "it" if owner == outlet else owner
        yield (
            f"{date.fromordinal(day)}, {outlet or 'no source'}: "
            + " and ".join(
                [f"{told} headlines told before"] * bool(told)
                + [f"{beyond} stories beyond the {most} that {whose} may tell on a day"]
                * bool(beyond)
            )
            + ": not counted as news"
        )


def _mark(entries: Sequence[Entry]) -> _Words:
    """(4,) what decides which stories there are."""
    digest = hashlib.blake2b(_code().encode(), digest_size=4 * _MARK_WORDS)
    for entry in entries:
        told = f"{entry.at.timestamp()}\x1f{entry.title}\x1f{entry.summary[:READ]}\n"
        digest.update(told.encode(errors="surrogatepass"))
    return np.frombuffer(digest.digest(), dtype="<u4")


def _code() -> str:
    """The window, and the version of all that compares titles."""
    ours = [Path(str(part.__file__)) for part in (stories, ledes, headline_text, headline_words)]
    written = hashlib.blake2b(b"".join(path.read_bytes() for path in ours)).hexdigest()
    theirs = (version("datasketch"), unicodedata.unidata_version, sys.version_info[:2])
    return f"{STORY_WINDOW} and ever {written} {theirs}"


def _load(path: Path, mark: _Words, entries: int) -> list[int] | None:
    """The ids; None where there are none, or others than those asked for."""
    kept = read(path)
    if kept is None or kept.dtype != np.uint32 or kept.shape != (_HEAD + entries,):
        return None
    ids = kept[_HEAD:]
    if (kept[:_MARK_WORDS] != mark).any() or kept[_MARK_WORDS] != _checksum(ids):
        return None
    return [int(story_id) for story_id in ids]


def _rows(mark: _Words, ids: _Words) -> _Words:
    """As they are kept."""
    return np.concatenate([mark, [_checksum(ids)], ids]).astype(np.uint32)


def _checksum(ids: _Words) -> int:
    return zlib.crc32(ids.tobytes())
