"""Back-tests: an archive in, the contract's document out, by the daemon's own code."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alerts.ledger import LabelledStory
from alerts.types import Stream
from monitor.archive import Entry, read_archive
from monitor.entities import WatchedName, WatchList
from monitor.replay import Plan, replay
from monitor.replay_ledger import MemoryLedger
from policy.errors import DataError
from policy.types import SENTIMENTS, TOPICS, Prediction, Tier

START = datetime(2031, 3, 1, tzinfo=UTC)
LEGAL, OIL = "Legal | Regulation", "Energy | Oil"
NOUNS = (
    *("harvest", "bridge", "library", "ferry", "museum", "orchard", "quarry", "stadium", "canal"),
    *("theatre", "lighthouse", "vineyard", "railway", "harbour", "market", "garden", "forge"),
)


class WordList:
    """Labels by words, and counts how often it was asked."""

    checkpoint = "words-1"
    tier: Tier = "fallback"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        wanted = targets or [""] * len(texts)
        self.asked += list(zip(texts, wanted, strict=True))
        return [self._answer(text) for text in texts]

    def _answer(self, text: str) -> Prediction:
        topic = LEGAL if "court" in text else OIL
        mood = "negative" if "fears" in text else "neutral"
        return Prediction.likeliest(
            tuple(float(topic == each) for each in TOPICS),
            tuple(0.9 if mood == each else 0.05 for each in SENTIMENTS),
        )


def headline(rng: np.random.Generator, negative: bool, where: str, who: str) -> str:
    nouns = " ".join(rng.choice(NOUNS, size=5, replace=False))
    return f"{who} {where} {'fears' if negative else 'awaits'} {nouns} {rng.integers(9, 10**6)}"


def month(crisis_day: int = 25, days: int = 30, timed: bool = True) -> list[Entry]:
    """Four stories an hour for a month, and a day on which Acme goes to court."""
    rng, entries = np.random.default_rng(7), []
    for hour in range(days * 24):
        at = START + timedelta(hours=hour)
        for minute in sorted(rng.integers(0, 60, size=4).tolist()):
            title = headline(rng, rng.random() < 0.2, "field" if minute % 3 else "court", "Board")
            entries.append(entry(at + timedelta(minutes=minute), title, timed))
        if crisis_day * 24 + 8 <= hour < crisis_day * 24 + 16:
            for _ in range(6):
                title = headline(rng, True, "court", "Acme Lines")
                entries += [
                    entry(at + timedelta(minutes=59), title, timed, origin)
                    for origin in ("wire", "paper")
                ]
    return entries


def entry(at: datetime, title: str, timed: bool, origin: str = "wire") -> Entry:
    at = at if timed else at.replace(hour=0, minute=0)
    return Entry(at, timed, title, origin, "", ())


PLAN = Plan(
    topics=TOPICS,
    names=("Acme Lines",),
    watch_list=WatchList([WatchedName("Acme Lines")]),
)


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return replay(month(), WordList(), PLAN)


def test_the_document_has_the_contracts_fields(document: dict[str, Any]) -> None:
    assert list(document) == [
        *("articles", "stories", "streams", "bins", "stream_days", "budget_per_week", "alerts"),
        *("other_alerts", "events", "alerts_per_100_stream_days", "seconds"),
    ]
    alert = document["alerts"][0]
    assert {
        *("at", "topic", "target", "kind", "log_evidence", "stories", "baseline", "share"),
        *("headlines", "children"),
    } <= set(alert)
    assert json.loads(json.dumps(document)) == document


def test_one_crisis_is_one_parent_found_within_hours(document: dict[str, Any]) -> None:
    (alert,) = document["alerts"]
    assert "2031-03-26T09:00:00Z" <= alert["at"] <= "2031-03-26T14:00:00Z"
    assert alert["at"].endswith(":00:00Z")
    streams = {(one["topic"], one["target"]) for one in (alert, *alert["children"])}
    assert {(LEGAL, ""), ("", "Acme Lines")} <= streams
    assert len(alert["headlines"]) == 5
    assert all("fears" in title for title in alert["headlines"])


def test_copies_of_a_story_are_articles_but_no_stories(document: dict[str, Any]) -> None:
    assert document["articles"] == 30 * 24 * 4 + 8 * 6 * 2
    assert document["stories"] == 30 * 24 * 4 + 8 * 6


def test_the_promise_counts_every_watched_stream(document: dict[str, Any]) -> None:
    assert document["streams"] == 22
    assert document["budget_per_week"] == pytest.approx(0.07 * 22)
    assert document["stream_days"] == 30 * 3 + 1
    assert document["alerts_per_100_stream_days"] == pytest.approx(100 / 91, abs=1e-3)


def test_a_topic_that_is_not_watched_counts_for_nothing() -> None:
    plan = replace(PLAN, topics=(OIL,), until=START + timedelta(days=3))
    document = replay(month(), WordList(), plan)
    assert document["streams"] == 3
    assert document["stream_days"] == 2 * 3


def test_days_without_a_time_make_daily_bins() -> None:
    document = replay(month(timed=False), WordList(), PLAN)
    assert document["bins"] == 30
    assert [alert["at"] for alert in document["alerts"]] == ["2031-03-26T23:59:59Z"]


def test_hours_cannot_be_had_from_days() -> None:
    with pytest.raises(DataError, match="--bin 1d"):
        replay(month(timed=False), WordList(), replace(PLAN, bin=timedelta(hours=1)))


def test_the_archives_own_names_are_targets_where_the_watch_list_holds_them() -> None:
    policy = WordList()
    entries = [
        replace(entry(START, "Quarterly figures out", True), names=("Acme Lines", "Someone Else")),
        entry(START, "Ferry fears for the harvest", True),
    ]
    replay(entries, policy, PLAN)
    assert sorted(policy.asked) == [
        ("Ferry fears for the harvest", ""),
        ("Quarterly figures out", ""),
        ("Quarterly figures out", "Acme Lines"),
    ]


def test_labels_are_asked_for_once_and_kept(tmp_path: Path) -> None:
    first, second = WordList(), WordList()
    plan = replace(PLAN, cache=tmp_path, until=START + timedelta(days=2))
    fresh, cached = replay(month(), first, plan), replay(month(), second, plan)
    assert len(first.asked) == len(set(first.asked)) == 2 * 24 * 4
    assert second.asked == []
    assert {**fresh, "seconds": 0} == {**cached, "seconds": 0}


def test_an_alert_knows_nothing_of_copies_that_come_later() -> None:
    ledger, stream, hour = MemoryLedger(), Stream(), timedelta(hours=1)
    story = LabelledStory(1, OIL, "", "Ferry fears", START, True, 0.9, ())
    ledger.add_story(story)
    for late, origin in enumerate(("wire", "paper", "paper")):
        ledger.add_copy(1, origin, "", START + late * hour)
        ledger.add_carrier(OIL, "", origin, START + late * hour)
    (early,) = ledger.stories(stream, START, START + hour)
    (later,) = ledger.stories(stream, START, START + 3 * hour)
    assert [copy.origin for copy in early.copies] == ["wire"]
    assert [copy.origin for copy in later.copies] == ["wire", "paper"]
    assert ledger.origins(stream, START, START + hour) == {"wire": 1}
    assert ledger.origins(stream, START, START + 3 * hour) == {"wire": 1, "paper": 2}


def test_a_span_without_headlines_is_said() -> None:
    with pytest.raises(DataError, match="check --from and --to"):
        replay(month(), WordList(), replace(PLAN, since=START + timedelta(days=400)))


def test_an_archive_is_read_gzipped_or_not(tmp_path: Path) -> None:
    lines = (
        '{"ts": "2031-03-01T10:00:00Z", "title": " Oil   falls ", "source": "Wire"}\n\n'
        '{"ts": "2031-03-01", "precision": "day", "title": "Gold", "entity": ["GOLD"], "x": 1}\n'
    )
    plain, zipped = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_text(lines)
    zipped.write_bytes(gzip.compress(lines.encode()))
    oil, gold = read_archive(plain)
    assert list(read_archive(zipped)) == [oil, gold]
    assert (oil.title, oil.origin, oil.timed) == ("Oil falls", "Wire", True)
    assert (gold.names, gold.timed, gold.at) == (("GOLD",), False, START)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "line 2: not JSON"),
        ("[1]", "line 2: not an object"),
        ('{"ts": "2031-03-01"}', "line 2: title and ts are needed"),
        ('{"ts": "last week", "title": "x"}', "line 2: 'last week' is no time"),
        ('{"ts": "0001-01-01T00:00:00+09:00", "title": "x"}', "line 2: '0001-01.*' is no time"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"ts": "2031-03-01", "title": "x"}\n' + line + "\n")
    with pytest.raises(DataError, match=complaint):
        list(read_archive(path))


def test_a_missing_or_torn_archive_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        list(read_archive(tmp_path / "none.jsonl"))
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(gzip.compress(b'{"ts": "2031-03-01", "title": "x"}\n' * 50)[:-12])
    with pytest.raises(DataError, match="cannot be read"):
        list(read_archive(torn))
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes('{"ts": "2031-03-01", "title": "Société"}'.encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8"):
        list(read_archive(latin))
