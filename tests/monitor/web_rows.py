"""Rows for the tests of the pages: a small newsroom written straight into a real store."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import Connection
from starlette.testclient import TestClient

from alerts.budget import share_out
from alerts.types import Alert, Copy, Delivery, Evidence, Severity, Story, Stream
from monitor.config import Settings
from monitor.store import alerts, views
from monitor.store.engine import Store
from monitor.store.tables import NEVER, article, bin_, feed, label, story
from monitor.web.app import create_app
from policy.types import counts_as_negative

NOW = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOPIC = "Legal | Regulation"
NAME = "Halvorsen Marine"
SETTINGS = Settings.model_validate({"watch": [{"name": NAME}, {"name": "Corvane Motors"}]})
TOKENS = {"anna": "anna-token-0123456789", "ben": "ben-token-0123456789"}
DESK = Settings.model_validate(
    {
        "watch": [{"name": NAME}, {"name": "Corvane Motors"}],
        "analysts": [{"name": name, "token": token} for name, token in TOKENS.items()],
    }
)
SENTIMENTS = {"negative": [0.8, 0.15, 0.05], "neutral": [0.1, 0.7, 0.2], "positive": [0, 0.1, 0.9]}


def add_feed(tx: Connection, name: str, state: str = "ok", error: str = "", url: str = "") -> int:
    values = {
        "url": url or f"https://{name}.example/rss",
        "fetch_url": f"https://{name}.example/rss",
        "name": name,
        "origin": name,
        "interval_s": 300,
        "source": "config",
        "state": state,
        "last_error": error,
        "due_at": NOW,
        "claimed_until": NEVER,
    }
    return int(tx.execute(feed.insert().values(**values)).inserted_primary_key[0])


def add_story(
    tx: Connection,
    title: str,
    seen: datetime,
    sentiment: str = "negative",
    topic: str = TOPIC,
    targets: Sequence[tuple[str, str]] = (),
    origins: Sequence[str] = ("northwire",),
    url: str = "",
) -> int:
    """A story, its copies a minute apart, and the labels of its first copy."""
    made = tx.execute(story.insert().values(title=title, first_seen_at=seen))
    story_id = int(made.inserted_primary_key[0])
    copies = [
        _add_copy(tx, story_id, title, origin, seen + timedelta(minutes=i), url)
        for i, origin in enumerate(origins)
    ]
    for target, word in (("", sentiment), *targets):
        for i, article_id in enumerate(copies):
            _add_label(tx, article_id, story_id, target, topic, word, seen, lead=i == 0)
    return story_id


def add_bins(
    tx: Connection, stream: Stream, counts: Sequence[tuple[int, int]], log_evidence: float = 1.5
) -> None:
    """Hourly bins, (stories, negatives) each, the last of them the one that NOW lies in."""
    first = NOW.replace(minute=0) - (len(counts) - 1) * HOUR
    for i, (stories, negatives) in enumerate(counts):
        tx.execute(
            bin_.insert().values(
                topic=stream.topic,
                target=stream.target,
                start=first + i * HOUR,
                width_s=3600,
                stories=stories,
                negatives=negatives,
                baseline=0.25,
                log_evidence=log_evidence,
                gain=0.5,
            )
        )


def an_alert(
    alert_id: str,
    stream: Stream,
    stories: Sequence[Story] = (),
    severity: Severity = "critical",
    parent: str | None = None,
    resolved_at: datetime | None = None,
    raised_at: datetime = NOW - 2 * HOUR,
) -> Alert:
    onset = raised_at.replace(minute=0) - 3 * HOUR
    return Alert(
        id=alert_id,
        stream=stream,
        kind="negative_share",
        severity=severity,
        status="resolved" if resolved_at else "firing",
        onset=onset,
        raised_at=raised_at,
        evidence=Evidence(stream, raised_at.replace(minute=0), HOUR, 6, 5, 0.25, 10.1, 2.0),
        stories_since_onset=16,
        negatives_since_onset=14,
        baseline=0.25,
        stories=tuple(stories),
        checkpoint="0a1b2c3d4e5f",
        budget=share_out(1.0, 23, HOUR),
        parent=parent,
        resolved_at=resolved_at,
    )


def a_story(story_id: int, title: str, *copies: Copy) -> Story:
    return Story(story_id, title, NOW - 3 * HOUR, True, 0.9, 1.4, copies)


def a_delivery(alert_id: str, receiver: str, state: str, error: str = "") -> Delivery:
    return Delivery(
        id=f"msg_{alert_id}_{receiver}",
        alert_id=alert_id,
        receiver=receiver,
        announcement="firing",
        state=state,  # type: ignore[arg-type]
        attempts=3,
        due_at=NOW - HOUR,
        created_at=NOW - 2 * HOUR,
        last_error=error,
    )


def client(
    store: Store,
    banner: str = "",
    ready: str = "",
    alive: str = "",
    settings: Settings = SETTINGS,
    clock: Callable[[], datetime] = lambda: NOW,
) -> TestClient:
    """A client of the application that reads `store` at NOW."""
    registry = CollectorRegistry()
    articles = Gauge("articles_seen", "set when the figures are asked for", registry=registry)

    def refresh() -> None:
        with store.read() as tx:
            articles.set(views.volume(tx, NOW).articles_day)

    rng = random.Random(4)
    says = {"ready": lambda: ready, "alive": lambda: alive}
    app = create_app(store, settings, registry, clock, refresh, banner=banner, rng=rng, **says)
    return TestClient(app)


def as_analyst(name: str) -> dict[str, str]:
    """The headers by which the API knows an analyst of DESK."""
    return {"Authorization": f"Bearer {TOKENS[name]}"}


def newsroom(store: Store) -> None:
    """Quiet news, one alert with a child, one dead delivery, feeds in every state."""
    with store.write() as tx:
        for state in ("ok", "new", "failing", "down"):
            add_feed(tx, f"{state}wire", state, "timeout after 20 s" if state == "down" else "")
        add_story(tx, "Copper climbs as mine reopens", NOW - HOUR, "positive", "Markets")
        bad = add_story(
            tx,
            "Halvorsen Marine halts production",
            NOW - 2 * HOUR,
            targets=[(NAME, "negative")],
            origins=["northwire", "tradewinds", "ledger"],
            url="https://northwire.example/1",
        )
        for stream in (Stream(), Stream(topic=TOPIC), Stream(target=NAME)):
            add_bins(tx, stream, [(6, 1)] * 70 + [(6, 5)] * 3)
        copy = Copy("northwire", "https://northwire.example/1", NOW - 2 * HOUR)
        parent = an_alert("alert1", Stream(target=NAME), [a_story(bad, "Halvorsen halts", copy)])
        dead = a_delivery("alert1", "pager", "dead", "404 from hooks.example")
        alerts.open_new(tx, parent, [a_delivery("alert1", "desk", "sent"), dead])
        child = an_alert("alert2", Stream(topic=TOPIC), severity="warning", parent="alert1")
        alerts.open_new(tx, child, [])


def _add_copy(
    tx: Connection, story_id: int, title: str, origin: str, seen: datetime, url: str
) -> int:
    feed_id = tx.execute(sa.select(sa.func.min(feed.c.id))).scalar() or add_feed(tx, "anywire")
    key = f"{story_id}/{origin}/{seen}"
    made = tx.execute(
        article.insert().values(
            feed_id=feed_id,
            guid_hash=key,
            guid=key,
            url=url,
            title=title,
            summary="",
            published_raw="",
            published_at=seen,
            first_seen_at=seen,
            language="en",
            story_id=story_id,
            origin=origin,
            labelled_at=seen,
            claimed_until=NEVER,
        )
    )
    return int(made.inserted_primary_key[0])


def _add_label(
    tx: Connection,
    article_id: int,
    story_id: int,
    target: str,
    topic: str,
    sentiment: str,
    seen: datetime,
    lead: bool,
) -> None:
    tx.execute(
        label.insert().values(
            article_id=article_id,
            target=target,
            story_id=story_id,
            topic=topic,
            sentiment=sentiment,
            topic_probabilities=[0.05] * 20,
            sentiment_probabilities=SENTIMENTS[sentiment],
            negative=counts_as_negative(SENTIMENTS[sentiment]),
            checkpoint="0a1b2c3d4e5f",
            tier="cpu",
            labelled_at=seen + timedelta(seconds=20),
            first_seen_at=seen,
            lead=lead,
            bin=seen.replace(minute=0, second=0) if lead else None,
        )
    )
