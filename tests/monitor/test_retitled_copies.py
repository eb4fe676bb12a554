"""Copies under headlines of their own join their story, in the store and in an archive alike."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from monitor.archive import Entry
from monitor.replay_stories import story_ids
from monitor.store import articles, feeds
from monitor.store.engine import Store
from monitor.store.feeds import NewFeed
from monitor.store.tables import article
from monitor.stories import STORY_WINDOW
from monitor.types import Item

HOUR = timedelta(hours=1)
LEDE = (
    "Regulators in the port city of Tellumar have opened an inquiry into how Halvorsen Marine "
    "insured cargo that, creditors say, never left the quay."
)
ORIGINAL = "Tellumar regulators open inquiry into Halvorsen cargo"
RETITLED = "Did the cargo ever sail? Halvorsen must explain"
THIRD = "Halvorsen's missing cargo: what creditors of the port want"
OTHER = "Brightwater Mining raises dividend"
LATER = STORY_WINDOW + HOUR

Telling = tuple[timedelta, str, str]  # after the first, title, summary
CASES: dict[str, tuple[list[Telling], list[int]]] = {
    "the same lede": ([(0 * HOUR, ORIGINAL, LEDE), (HOUR, RETITLED, LEDE)], [0, 0]),
    "no lede": ([(0 * HOUR, ORIGINAL, ""), (HOUR, RETITLED, "")], [0, 1]),
    "a slogan opens many stories": (
        [(0 * HOUR, ORIGINAL, LEDE), (HOUR, OTHER, LEDE), (2 * HOUR, RETITLED, LEDE)],
        [0, 1, 2],
    ),
    "a slogan is known for ever": (
        [(0 * HOUR, OTHER, LEDE), (LATER, ORIGINAL, LEDE), (LATER + HOUR, RETITLED, LEDE)],
        [0, 1, 2],
    ),
    "after the window": ([(0 * HOUR, ORIGINAL, LEDE), (LATER, RETITLED, LEDE)], [0, 1]),
    "the lede of a copy": (
        [(0 * HOUR, ORIGINAL, ""), (HOUR, ORIGINAL, LEDE), (2 * HOUR, RETITLED, LEDE)],
        [0, 0, 0],
    ),
    "the lede of a retitled copy's copy": (
        [(0 * HOUR, ORIGINAL, LEDE), (HOUR, RETITLED, LEDE), (2 * HOUR, THIRD, LEDE)],
        [0, 0, 0],
    ),
}
each_case = pytest.mark.parametrize(("told", "stories"), CASES.values(), ids=CASES)


@each_case
def test_in_an_archive(told: list[Telling], stories: list[int], noon: datetime) -> None:
    entries = [Entry(noon + after, True, title, "", "", (), lede) for after, title, lede in told]
    assert story_ids(entries, None) == stories


@each_case
def test_in_the_store(
    store: Store, told: list[Telling], stories: list[int], noon: datetime
) -> None:
    with store.write() as tx:
        feeds.add(tx, NewFeed("https://tidewater.example", "tidewater", "", 300), "config", noon)
        (feed,) = feeds.active(tx)
        for number, (after, title, lede) in enumerate(told):
            item = Item(str(number), "", title, lede, "", None, "")
            articles.add_items(tx, feed.id, "tidewater", [item], noon + after)
        found = tx.execute(article.select().order_by(article.c.id)).all()
    ids = [row.story_id for row in found]
    assert [ids.index(story_id) for story_id in ids] == stories


def test_copies_of_one_document_join_too(store: Store, noon: datetime) -> None:
    items = [Item(title, "", title, LEDE, "", None, "") for title in (RETITLED, ORIGINAL)]
    with store.write() as tx:
        feeds.add(tx, NewFeed("https://tidewater.example", "tidewater", "", 300), "config", noon)
        (feed,) = feeds.active(tx)
        assert articles.add_items(tx, feed.id, "tidewater", items, noon).stories == 1
