"""Labels put to analysts, and what they say of them, on the page without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from asked_items import BLIND, PAIR, logged, put
from sqlalchemy import select
from starlette.testclient import TestClient
from web_desk import sign_in
from web_rows import HOUR, NAME, NOW, TOPIC, add_story

from monitor.review.serving import Item
from monitor.store.engine import Store
from monitor.store.tables_learning import review_item
from monitor.web.review_pages import choices
from policy.types import SENTIMENTS, TOPICS


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    return sqlite_store


def press(site: TestClient, say: str, item: str = "item1") -> Any:
    return site.post("/review", data={"item": item, "say": say})


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<main")[1]).split())


def an_item(**different: Any) -> Item:
    known: dict[str, Any] = {
        "id": "i", "text": "t", "target": "", "head": "sentiment", "shown": "negative",
        "options": (), "labels": SENTIMENTS, "origin": "", "url": "", "seen_at": None,
        "alert_id": "",
    }  # fmt: skip
    return Item(**known | different)


@pytest.mark.parametrize(
    ("different", "say", "answer", "correction", "reason"),
    [
        ({}, "confirm", "confirm", "", ""),
        ({}, "reject", "reject", "", ""),
        ({}, "label:neutral", "reject", "neutral", ""),
        ({}, "skip", "abstain", "", ""),
        (BLIND, "label:negative", "reject", "negative", ""),
        (BLIND, "skip", "abstain", "", ""),
        (PAIR, "label:neutral", "reject", "neutral", ""),
        (PAIR, "neither", "reject", "", "neither"),
    ],
)
def test_each_button_says_one_thing(
    site: TestClient, store: Store, different: Any, say: str, answer: str, correction: str,
    reason: str,
) -> None:  # fmt: skip
    put(store, **different)
    sign_in(site)
    page = site.get("/review").text
    assert f'value="{say}"' in page
    assert "Nothing to review 1 answered" not in words(page)
    after = words(press(site, say).text)
    (kept,) = logged(store)
    assert (kept.answer, kept.correction, kept.reason) == (answer, correction, reason)
    assert "1 answered today" in after


def test_the_page_shows_the_headline_and_asks(site: TestClient, store: Store) -> None:
    put(store)
    sign_in(site)
    page = site.get("/review").text
    shown = words(page)
    assert "northwire 4 Mar 13:30 UTC 0 answered today Halvorsen Marine" in shown
    assert f"Is this negative for {NAME} ?" in shown
    assert "&lt;b&gt;halts&lt;/b&gt;" in page
    assert 'href="https://northwire.example/1"' in page
    assert not re.search(r"uncertain|0\.25|0\.9|c0", page)


@pytest.mark.parametrize(
    ("different", "question", "buttons"),
    [
        (BLIND, f"What does this mean for {NAME} ?", ["negative", "neutral", "positive"]),
        (BLIND | {"target": ""}, "What is the sentiment", ["negative", "neutral", "positive"]),
        (PAIR, f"Which fits better for {NAME} ?", ["neutral", "negative"]),
        ({"target": ""}, "Is this headline negative ?", ["neutral", "positive"]),
        (BLIND | {"head": "topic"}, "What is this about?", list(TOPICS)),
        (
            {"head": "topic", "shown": TOPIC, "propensities": {TOPIC: 1.0}},
            f"Is this about {TOPIC} ?",
            [topic for topic in TOPICS if topic != TOPIC],
        ),
    ],
)
def test_blind_items_and_pairs_show_no_guess(
    site: TestClient, store: Store, different: Any, question: str, buttons: list[str]
) -> None:
    put(store, **different)
    sign_in(site)
    page = site.get("/review").text
    assert question in words(page)
    labels = [value.replace("&amp;", "&") for value in re.findall(r'value="label:([^"]+)"', page)]
    assert labels == buttons
    assert ('value="confirm"' in page) == (different.get("shown") != "")
    assert ('value="reject"' in page) == (different.get("shown") != "")
    assert ('value="neither"' in page) == ("options" in different)


def test_looking_again_asks_the_same(site: TestClient, store: Store) -> None:
    with store.write() as tx:
        for number in range(3):
            add_story(tx, f"Ferry number{number} sinks off place{number}", NOW - HOUR)
    sign_in(site)
    first = site.get("/review").text
    assert [site.get("/review").text for _ in range(2)] == [first, first]
    with store.read() as tx:
        assert len(tx.execute(select(review_item.c.id)).all()) == 1


def test_a_second_thought_is_told_that_answers_stand(site: TestClient, store: Store) -> None:
    put(store)
    sign_in(site)
    press(site, "confirm")
    press(site, "confirm")
    answer = press(site, "reject")
    assert answer.status_code == 409
    assert "answers stand" in words(answer.text)
    assert [one.answer for one in logged(store)] == ["confirm"]


@pytest.mark.parametrize("say", ["", "maybe", "label:bad", "confirm:neutral", "label:negative"])
def test_a_form_that_is_none_of_ours_logs_nothing(site: TestClient, store: Store, say: str) -> None:
    put(store)
    sign_in(site)
    answer = press(site, say)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert logged(store) == []


def test_a_form_too_large_or_garbled_is_refused(site: TestClient, store: Store) -> None:
    sign_in(site)
    assert site.post("/review", data={"say": "x" * 20_000}).status_code == 413
    garbled = "&".join(f"a{i}=1" for i in range(100))
    assert site.post("/review", content=garbled).status_code == 400
    assert site.post("/review", content=b"\xff\xfe").status_code == 400
    assert site.post("/review", content=b"say=confirm&item=a%00b").status_code == 400


def test_an_empty_queue_says_so(site: TestClient) -> None:
    sign_in(site)
    assert "Nothing to review Every headline of the last 14 days" in words(site.get("/review").text)


def test_a_label_has_the_same_key_on_every_item_and_none_that_means_something_else() -> None:
    kept: dict[str, str] = {}
    for labels, head in ((TOPICS, "topic"), (SENTIMENTS, "sentiment")):
        for shown in ("", *labels):
            item = an_item(head=head, labels=labels, shown=shown)
            for choice in choices(item):
                assert kept.setdefault(choice.label, choice.key) == choice.key
                assert choice.key not in "cxsn12"
    assert len(kept) == 23
    pair = choices(an_item(options=("positive", "neutral"), shown=""))
    assert [(one.label, one.key) for one in pair] == [("positive", "a"), ("neutral", "b")]
