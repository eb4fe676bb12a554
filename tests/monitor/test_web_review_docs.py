"""docs/review.md shows what the API takes and gives."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from asked_items import BLIND, PAIR, put
from starlette.testclient import TestClient
from web_rows import HOUR, NOW, add_story, as_analyst

from monitor.config import Settings
from monitor.links import CHOICES
from monitor.store.engine import Store

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "review.md").read_text(encoding="utf-8")
ITEM, VERDICT = (json.loads(one) for one in re.findall(r"```json\n(.+?)```", PAGE, re.S))


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    return sqlite_store


def test_the_item_shown_has_the_fields_of_one_served(site: TestClient, store: Store) -> None:
    with store.write() as tx:
        add_story(tx, "Halvorsen Marine tanker runs aground", NOW - HOUR)
    served = site.get("/api/v1/review/next", headers=as_analyst("anna")).json()
    assert list(served) == list(ITEM)
    assert set(served["item"]) == set(ITEM["item"])


def test_the_verdict_posted_is_answered_as_shown(site: TestClient, store: Store) -> None:
    put(store, VERDICT["item"], text=VERDICT["text"], target=VERDICT["target"])
    (body,) = re.findall(r"-d '(\{.+?\})'", PAGE)
    posted = site.post("/api/v1/verdicts", content=body, headers=as_analyst("anna"))
    assert posted.status_code == 201
    unlike = {field for field, value in posted.json().items() if VERDICT[field] != value}
    assert set(posted.json()) == set(VERDICT)
    assert unlike == {"id", "at"}


@pytest.mark.parametrize(
    ("different", "body"),
    [
        ({}, {"answer": "confirm"}),
        (BLIND, {"answer": "reject", "correction": "neutral"}),
        (PAIR, {"answer": "reject", "reason": "neither"}),
    ],
)
def test_the_table_of_answers_is_right(
    site: TestClient, store: Store, different: dict[str, object], body: dict[str, str]
) -> None:
    put(store, **different)
    said = {"item": "item1", **body}
    assert site.post("/api/v1/verdicts", json=said, headers=as_analyst("anna")).status_code == 201


def test_every_call_named_is_there(site: TestClient) -> None:
    calls = re.findall(r"^\| `(GET|POST) (/api/v1/[^`]+)`", PAGE, re.M)
    assert len(calls) == 6
    for method, path in calls:
        assert site.request(method, path).status_code == 401, path


def test_every_reason_is_explained() -> None:
    table = PAGE[PAGE.index("| reason | says") : PAGE.index("## By mail")]
    assert all(reason in table for reason in CHOICES)


def test_the_configuration_shown_is_valid(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("0123456789abcdef\n")
    (shown,) = re.findall(r"```toml\n(.+?)```", PAGE, re.S)
    read = tomllib.loads(re.sub(r'token_file = "[^"]+"', f'token_file = "{token}"', shown))
    assert [one.name for one in Settings.model_validate(read).analysts] == ["anna"]
