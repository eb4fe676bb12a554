"""Labels put to analysts, and what they say of them, by the API."""

from __future__ import annotations

import random
from typing import Any

import pytest
from asked_items import HEADLINE, logged, put
from starlette.testclient import TestClient
from web_rows import DESK, HOUR, NOW, add_story, as_analyst, client

from monitor.review.serving import Item
from monitor.store.engine import Store
from policy.types import SENTIMENTS, TOPICS


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    return sqlite_store


def post(site: TestClient, who: str = "anna", **body: Any) -> tuple[int, dict[str, Any]]:
    answer = site.post("/api/v1/verdicts", json=body, headers=as_analyst(who))
    return answer.status_code, answer.json()


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
