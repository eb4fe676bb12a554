"""The stories of an archive are found once and kept, and never taken from a wrong or torn file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from monitor.archive import Entry
from monitor.replay_stories import set_aside, story_ids

START = datetime(2031, 3, 1, tzinfo=UTC)
TITLES = (
    "Orsk Steel shares slump on profit warning",
    "Harbour board awaits ferry inquiry",
    "UPDATE 2-Orsk Steel shares slump on profit warning",
    "Harbour board awaits ferry inquiry - Reuters",
)
TOLD = [0, 1, 0, 1]


def archive() -> list[Entry]:
    hours = (timedelta(hours=hour) for hour in range(len(TITLES)))
    return [Entry(START + h, True, t, "", "", ()) for h, t in zip(hours, TITLES, strict=True)]


def was_found_anew(entries: list[Entry], cache: Path) -> bool:
    """Only finding says how far it has come."""
    said: list[int] = []
    story_ids(entries, cache, lambda done, _total: said.append(done))
    return bool(said)


def test_copies_are_one_story_numbered_by_its_first_headline(tmp_path: Path) -> None:
    assert story_ids(archive(), None) == TOLD
    assert story_ids(archive(), tmp_path) == TOLD
    assert story_ids(archive(), tmp_path) == TOLD


def test_stories_are_found_once(tmp_path: Path) -> None:
    assert was_found_anew(archive(), tmp_path)
    assert not was_found_anew(archive(), tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: replace(entry, title=entry.title + " again"),
        lambda entry: replace(entry, at=entry.at + timedelta(seconds=1)),
        lambda entry: replace(entry, summary="Whoever insures a ferry should know its owner. " * 4),
    ],
    ids=("title", "time", "lede"),
)
def test_another_archive_has_stories_of_its_own(
    tmp_path: Path, change: Callable[[Entry], Entry]
) -> None:
    story_ids(archive(), tmp_path)
    *rest, last = archive()
    assert was_found_anew([*rest, change(last)], tmp_path)


def _torn(kept: Path) -> None:
    kept.write_bytes(kept.read_bytes()[:-4])


def _scribbled(kept: Path) -> None:
    kept.write_bytes(b"not an array")


def _altered(kept: Path) -> None:
    ids = np.load(kept)
    ids[-1] = 0
    np.save(kept, ids)


def _foreign(kept: Path) -> None:
    """The file of another archive of the same length under this one's name."""
    other = kept.parent / "other"
    story_ids([replace(entry, title="Gold") for entry in archive()], other)
    next(other.iterdir()).replace(kept)


@pytest.mark.parametrize("harm", [_torn, _scribbled, _altered, _foreign])
def test_a_torn_or_foreign_file_is_made_anew_with_one_line(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    said: list[str] = []
    story_ids(archive(), tmp_path, say=said.append)
    assert said == []
    (kept,) = tmp_path.iterdir()
    harm(kept)
    assert story_ids(archive(), tmp_path, say=said.append) == TOLD
    (line,) = said
    assert kept.name in line
    assert "found anew" in line
    assert not was_found_anew(archive(), tmp_path)


def test_a_folder_that_cannot_be_written_costs_the_cache_and_not_the_answer(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "cache").write_text("a file")
    assert story_ids(archive(), tmp_path / "cache", say=said.append) == TOLD
    assert "cannot be kept" in said[0]


def test_headlines_that_tell_of_themselves_to_be_foreign_are_not_counted_and_a_line_says_so() -> (
    None
):
    foreign = ("央行加息后股市暴跌", "Orsk Acier chute après un avertissement sur ses résultats")
    entries = archive()
    entries += [replace(entries[0], title=title, at=entries[-1].at) for title in foreign]
    said: list[str] = []
    assert set_aside(entries, story_ids(entries, None), said.append) == {4, 5}
    assert said == ["2 headlines are not in English: not counted"]
