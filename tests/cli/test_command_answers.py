"""The command line's answers on standard output, in the fields of its contract."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from command_line import Command

from monitor.store.engine import open_store
from policy.manifest import FALLBACK, describe
from policy.types import SENTIMENTS, TOPICS

RSS = b"""<rss version="2.0"><channel><title>Tidewater</title>
<item><title>Mill burns in Orsk</title><link>https://t.example/1</link></item>
<item><title>Rates are unchanged</title><link>https://t.example/2</link></item>
</channel></rss>"""


def test_label_answers_each_line_in_order_with_the_contracts_fields(downdraft: Command) -> None:
    bad, good = "Orsk Steel shares plunge after fraud probe", "Varna Foods raises dividend 🎉"
    lines = [bad, "", "x" * 100_000, good]
    said = downdraft("label", "--json", "-", stdin="\n".join(lines) + "\n")
    assert said.code == 0
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert [answer["text"] for answer in answers] == lines
    for answer in answers:
        assert set(answer) == {
            "text", "target", "topic", "sentiment", "topic_probabilities",
            "sentiment_probabilities", "policy", "tier",
        }  # fmt: skip
        assert list(answer["topic_probabilities"]) == list(TOPICS)
        assert list(answer["sentiment_probabilities"]) == list(SENTIMENTS)
        assert sum(answer["topic_probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert answers[0]["sentiment"] == "negative"
    assert answers[3]["topic"] == "Dividend"


def test_label_explains_with_a_weight_for_each_word(downdraft: Command) -> None:
    headline = "Orsk Steel shares plunge after fraud probe"
    said = downdraft("label", "--json", "--explain", headline)
    words, ends = said.json["explanation"], said.json["explained"]
    assert [word["word"] for word in words] == headline.split()  # type: ignore[attr-defined]
    for head in ("topic", "sentiment"):
        about = ends[head]  # type: ignore[index]
        assert about["label"] == said.json[head]
        gained = about["score"] - about["baseline"]
        told = sum(word[head] for word in words) + about["rest"]  # type: ignore[attr-defined]
        assert told == pytest.approx(gained, rel=0.05)
        assert about["gap"] <= 0.05


def test_label_explains_to_people_in_the_order_of_the_words(downdraft: Command) -> None:
    said = downdraft("label", "--explain", "Fraud probe", "--policy", FALLBACK)
    assert "negative over" in said.out
    words = [line.split()[-1] for line in said.out.splitlines() if line.startswith("        ")]
    assert words == ["Fraud", "probe"] * 2


def test_a_linear_checkpoint_is_served_like_any_other(downdraft: Command) -> None:
    answer = downdraft("label", "--json", "x", "--policy", FALLBACK).json
    assert answer["tier"] == "fallback"
    assert answer["policy"] == describe(FALLBACK).id


def test_evaluate_prints_the_contracts_fields(downdraft: Command, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "text,target,sentiment,other\n"
        "Orsk Steel shares plunge after fraud probe,Orsk Steel,negative,1\n"
        "Varna Foods profit soars to record,Varna Foods,positive,2\n"
    )
    report = downdraft("evaluate", "x.csv", "--json").json
    assert set(report) == {"rows", "sentiment", "headlines_per_second", "policy", "tier"}
    assert set(report["sentiment"]) >= {"accuracy", "macro_f1", "ece", "confusion"}  # type: ignore[call-overload]
    assert report["rows"] == 2


def test_parse_answers_one_line_a_file_whatever_it_is(downdraft: Command, tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(RSS)
    (tmp_path / "feed.xml.gz").write_bytes(gzip.compress(RSS))
    (tmp_path / "page.html").write_text("<!doctype html><html><body>Log in</body></html>")
    (tmp_path / "void").write_bytes(b"")
    names = ["feed.xml", "feed.xml.gz", "page.html", "void"]
    said = downdraft("parse", *names, "--json")
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert said.code == 0
    assert [answer["file"] for answer in answers] == names
    assert [answer["ok"] for answer in answers] == [True, True, False, False]
    assert [answer["articles"] for answer in answers] == [2, 2, 0, 0]
    for answer in answers:
        assert set(answer) >= {"file", "ok", "format", "articles", "error", "seconds"}
    assert "HTML" in answers[2]["error"]


def test_parse_answers_the_files_there_are_and_exits_3_for_one_that_is_missing(
    downdraft: Command, tmp_path: Path
) -> None:
    (tmp_path / "feed.xml").write_bytes(RSS)
    said = downdraft("parse", "feed.xml", "nowhere.xml", "--json")
    assert said.code == 3
    assert len(said.out.splitlines()) == 2
    assert "nowhere.xml" in said.err


def test_feeds_are_added_listed_exported_imported_and_removed(
    downdraft: Command, tmp_path: Path
) -> None:
    assert downdraft("feeds", "add", "https://t.example/feed", "--name", "Tidewater").code == 0
    assert "Tidewater" in downdraft("feeds", "list").out
    assert downdraft("feeds", "export", "out.opml").code == 0
    assert downdraft("feeds", "remove", "https://t.example/feed").code == 0
    assert downdraft("feeds", "list", "--json").out == "[]\n"
    assert downdraft("feeds", "import", "out.opml").code == 0
    assert "https://t.example/feed" in downdraft("feeds", "list").out
    assert downdraft("feeds", "remove", "https://nobody.example").code == 1
    assert downdraft("feeds", "add", "file:///etc/passwd").code == 2


def test_a_feed_on_a_private_address_is_refused_and_says_so(downdraft: Command) -> None:
    said = downdraft("feeds", "test", "http://127.0.0.1:9/feed", "--json")
    assert said.code == 1
    assert "private" in said.json["error"] or "loopback" in said.json["error"]  # type: ignore[operator]


def test_status_of_a_new_store_is_empty_and_well(downdraft: Command) -> None:
    open_store("sqlite:///downdraft.db").close()
    state = downdraft("status", "--json").json
    assert state["feeds"] == []
    assert state["alerts"] == []
    assert state["backlog"] == {"label": 0, "deliver": 0}


def test_replay_answers_with_the_contracts_fields(downdraft: Command, tmp_path: Path) -> None:
    lines = [
        json.dumps(
            {"ts": f"2031-03-{day:02}T{hour:02}:00:00Z", "title": f"Orsk {day} {hour} steady"}
        )
        for day in (4, 5)
        for hour in range(0, 24, 3)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    said = downdraft("replay", "a.jsonl", "--json", "--no-cache")
    assert said.code == 0, said.err
    assert set(said.json) >= {
        "articles", "stories", "streams", "bins", "stream_days", "budget_per_week", "alerts",
        "other_alerts", "events", "alerts_per_100_stream_days", "seconds",
    }  # fmt: skip
    assert said.json["streams"] == 21
    assert said.json["budget_per_week"] == pytest.approx(0.07 * 21)
