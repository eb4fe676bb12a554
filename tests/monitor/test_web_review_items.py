"""Labels put to analysts and what they say of them, by API and on the page without JavaScript."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient
from web_rows import DESK, HOUR, NAME, NOW, TOKENS, TOPIC, add_story, as_analyst, client

from monitor.review.serving import Item
from monitor.store import reviews, verdicts
from monitor.store.engine import Store, open_store
from monitor.store.reviews import ReviewItem
from monitor.store.tables_learning import review_item
from monitor.web.review_pages import choices
from policy.types import SENTIMENTS, TOPICS
from policy.verdicts import Verdict

HEADLINE = "Halvorsen Marine <b>halts</b> production"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/news.db")
    yield opened
    opened.close()


@pytest.fixture
def site(store: Store) -> TestClient:
    return client(store, settings=DESK)


def put(store: Store, id_: str = "item1", **different: Any) -> ReviewItem:
    """A question that anna was just asked."""
    known: dict[str, Any] = {
        "id": id_, "analyst": "anna", "article_id": None, "story_id": None, "text": HEADLINE,
        "target": NAME, "head": "sentiment", "why": "uncertain", "selection": 0.25,
        "shown": "negative", "propensities": {"negative": 0.9, "neutral": 0.1}, "options": [],
        "trial": None, "truth": "", "alert_id": "", "checkpoint": "c0", "origin": "northwire",
        "url": "https://northwire.example/1", "seen_at": NOW - HOUR, "served_at": NOW,
    }  # fmt: skip
    item = ReviewItem(**known | different)
    with store.write() as tx:
        assert reviews.add(tx, item)
    return item


BLIND: dict[str, Any] = {"shown": "", "propensities": {}}
PAIR: dict[str, Any] = BLIND | {"options": ["neutral", "negative"]}


def logged(store: Store) -> list[Verdict]:
    with store.read() as tx:
        return [one.verdict for one in verdicts.logged(tx)]


def post(site: TestClient, who: str = "anna", **body: Any) -> tuple[int, dict[str, Any]]:
    answer = site.post("/api/v1/verdicts", json=body, headers=as_analyst(who))
    return answer.status_code, answer.json()


def sign_in(site: TestClient, name: str = "anna") -> None:
    site.post("/review/login", data={"token": TOKENS[name]}, follow_redirects=False)


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


def test_the_api_serves_an_item_and_takes_its_verdict(site: TestClient, store: Store) -> None:
    with store.write() as tx:
        add_story(tx, HEADLINE, NOW - HOUR, url="https://northwire.example/1")
    item = site.get("/api/v1/review/next", headers=as_analyst("anna")).json()["item"]
    assert set(item) == set(Item.__dataclass_fields__)
    assert (item["text"], item["origin"]) == (HEADLINE, "northwire")
    assert item["seen_at"] == "2026-03-04T13:30:00Z"
    labels = {"topic": list(TOPICS), "sentiment": list(SENTIMENTS)}[item["head"]]
    assert item["labels"] == labels
    assert item["shown"] is None or item["shown"] in labels
    status, told = post(site, item=item["id"], answer="abstain")
    assert status == 201
    (kept,) = logged(store)
    assert (told["id"], told["item"]) == (kept.id, item["id"])
    assert (kept.analyst, kept.answer, kept.text) == ("anna", "abstain", HEADLINE)
    assert site.get("/api/v1/review/next", headers=as_analyst("anna")).json() == {"item": None}


def test_nothing_told_gives_gold_or_the_draw_away(site: TestClient, store: Store) -> None:
    put(store, truth="negative", why="gold", checkpoint="c0")
    _, told = post(site, item="item1", answer="confirm")
    assert set(told) == {
        "id", "item", "text", "target", "head", "shown", "analyst", "answer", "correction",
        "reason", "at",
    }  # fmt: skip


def test_a_blind_item_shows_null(site: TestClient, store: Store) -> None:
    settings = DESK.model_copy(
        update={"review": DESK.review.model_copy(update={"blind": 1.0, "gold": 0.0})}
    )
    with store.write() as tx:
        add_story(tx, HEADLINE, NOW - HOUR)
    blind = client(store, settings=settings)
    item = blind.get("/api/v1/review/next", headers=as_analyst("anna")).json()["item"]
    assert item["shown"] is None


def test_the_same_verdict_again_is_the_same(site: TestClient, store: Store) -> None:
    put(store)
    said = {"item": "item1", "answer": "reject", "correction": "neutral"}
    first, again = post(site, **said), post(site, **said)
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    assert len(logged(store)) == 1


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ({"item": "item1", "answer": "confirm", "correction": "neutral"}, 422, "give reject"),
        ({"item": "item1", "answer": "reject", "correction": "bad"}, 422, "did you mean"),
        ({"item": "item1", "answer": "reject", "reason": "neither"}, 422, "two labels"),
        ({"item": "gone", "answer": "confirm"}, 404, "not yours"),
        ({"item": "bens", "answer": "confirm"}, 404, "not yours"),
        ({"item": "done", "answer": "reject"}, 409, "answers stand"),
        ({"item": "item1", "answer": "yes"}, 422, "answer: Input should be"),
        ({"item": "", "answer": "confirm"}, 422, "item: String should have at least 1"),
        ({"answer": "confirm"}, 422, "item: Field required"),
        ({"item": "item1\0", "answer": "confirm"}, 422, "item: String should match"),
        ({"item": "item1", "answer": "confirm", "why": "gold"}, 422, "why: Extra inputs"),
    ],
)
def test_what_does_not_fit_is_one_line_and_nothing_is_logged(
    site: TestClient, store: Store, body: dict[str, str], status: int, fault: str
) -> None:
    put(store)
    put(store, "bens", analyst="ben", text="Another")
    put(store, "done", text="A third")
    post(site, item="done", answer="confirm")
    told = post(site, **body)
    assert told[0] == status
    assert fault in told[1]["detail"]
    assert "\n" not in told[1]["detail"]
    assert len(logged(store)) == 1


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


def test_a_simulated_desk_works_the_queue_through_the_api(store: Store) -> None:
    """Everything asked is answered once, nobody is asked the same headline twice."""
    with store.write() as tx:
        for number in range(12):
            add_story(tx, f"Ferry number{number} sinks off place{number}", NOW - HOUR)
    site, rng = client(store, settings=DESK), random.Random(7)
    seen: dict[str, list[str]] = {"anna": [], "ben": []}
    for who, texts in seen.items():
        while item := site.get("/api/v1/review/next", headers=as_analyst(who)).json()["item"]:
            texts.append(item["text"])
            choice = rng.choice(item["labels"])
            confirms = choice == item["shown"]
            body = {"answer": "confirm"} if confirms else {"answer": "reject", "correction": choice}
            assert post(site, who, item=item["id"], **body)[0] == 201
    for who, texts in seen.items():
        assert len(set(texts)) == len(texts), who
        assert sum(one.analyst == who for one in logged(store)) == len(texts)
    ours = [text for text in seen["anna"] if text.startswith("Ferry number")]
    assert len(ours) == 12  # and, now and then, a question with a known answer
