"""What `status` says: read from the store, so that it works while the daemon runs or is down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from alerts.types import Alert, Stream
from alerts.wording import rfc3339, usual
from monitor.cli.state_learning import learning_lines, read_learning
from monitor.floods import worth_a_line
from monitor.near_misses import missed
from monitor.quiet import Silence
from monitor.store import alerts, articles, feeds, labels, quiet, runs, views
from monitor.store.engine import Store
from monitor.store.quiet import Judged
from monitor.worth import worth_telling

_DAY = timedelta(days=1)
_REASONS = {
    "again": "told before",
    "flood": "beyond what it may tell",
    "language": "not in English",
}
_ASKED_ABOUT = timedelta(days=90)  # what analysts' answers on alerts and near-misses estimate


def read_state(store: Store, now: datetime) -> dict[str, Any]:
    """The JSON document of `status`; times are RFC 3339."""
    with store.read() as tx:
        live = views.live(tx)
        return {
            "at": rfc3339(now),
            "feeds": [_feed(one) for one in quiet.judged(tx)],
            "backlog": {"label": labels.backlog(tx), "deliver": alerts.pending_count(tx)},
            "set_aside": [asdict(one) for one in articles.set_aside(tx, now - _DAY)],
            "policy": live.checkpoint if live else "",
            "tier": live.tier if live else "",
            "labels_by_tier": views.tiers(tx, now - _DAY),  # of the last day
            "learning": read_learning(tx),
            "alerts": [alert_document(one) for one in alerts.firing(tx)],
            "alerts_judged": {
                "days": _ASKED_ABOUT.days,
                **worth_telling(tx, now - _ASKED_ABOUT).document(),
            },
            "near_misses": asdict(missed(tx, now - _ASKED_ABOUT)),  # of the last 90 days
            "dead_deliveries": [
                {key: _plain(value) for key, value in asdict(one).items()}
                for one in alerts.dead_deliveries(tx)
            ],
            "jobs": [
                {key: _plain(value) for key, value in asdict(one).items()}
                for one in runs.latest(tx)
            ],
        }


def _feed(one: Judged) -> dict[str, Any]:
    row, kept = feeds.shown(one.feed), ("name", "url", "origin", "failures", "last_error")
    times = ("last_polled_at", "last_ok_at", "last_article_at", "due_at")
    moments = {key: _plain(getattr(row, key)) for key in times}
    silence = {key: _plain(value) for key, value in one.document().items()}
    return {key: getattr(row, key) for key in kept} | moments | silence


def alert_document(one: Alert) -> dict[str, Any]:
    """An alert as it was raised, for JSON."""
    return {
        "id": one.id,
        "topic": one.stream.topic,
        "target": one.stream.target,
        "kind": one.kind,
        "severity": one.severity,
        "status": one.status,
        "onset": rfc3339(one.onset),
        "raised_at": rfc3339(one.raised_at),
        "stories": one.stories_since_onset,
        "negatives": one.negatives_since_onset,
        "baseline": round(one.baseline, 4),
        "expected": round(usual(one), 3),
        "feeds": list(one.feeds),
        "parent": one.parent,
    }


def lines(state: dict[str, Any]) -> Iterator[str]:
    """The same for people: what is wrong first."""
    yield from _feeds(state["feeds"], datetime.fromisoformat(state["at"]))
    backlog = state["backlog"]
    yield f"backlog    {backlog['label']} to label, {backlog['deliver']} to deliver"
    yield from _set_aside(state["set_aside"])
    yield from _policy(state)
    yield from learning_lines(state["learning"])
    yield f"alerts     {len(state['alerts'])} firing"
    for one in state["alerts"]:
        where = Stream(one["topic"], one["target"])
        child = " (child)" if one["parent"] else ""
        on_it = ", acknowledged" if one["status"] == "acknowledged" else ""
        yield (
            f"  {one['severity']:8} {where}{child}: {_tally(one)} since {one['onset']} "
            f"({one['id']}){on_it}"
        )
    yield from _judged(state["alerts_judged"])
    yield from _missed(state["near_misses"])
    dead = len(state["dead_deliveries"])
    mend = "; `downdraft receivers resend` tries again, `drop` ends it" if dead else ""
    yield f"dead       {dead} deliveries given up{mend}"
    for one in state["dead_deliveries"]:
        yield f"  {one['receiver']}: {one['last_error']} ({one['id']})"
    for job in state["jobs"]:
        trouble = f"; last error {job['last_error_at']}: {job['last_error']}"
        yield (
            f"job        {job['name']:8} last success {job['last_success_at'] or 'never'}"
            f"{trouble if job['last_error_at'] else ''}"
        )


def _set_aside(feeds: list[dict[str, Any]]) -> Iterator[str]:
    for one in feeds:
        why = [one[reason] for reason in _REASONS]
        if worth_a_line(*why):
            told = (f"{many:,} {said}" for many, said in zip(why, _REASONS.values(), strict=True))
            kept = ", ".join(told)
            yield f"set aside  {one['feed']}: in a day {kept}; kept and labelled, not counted"


def _judged(alerts_: dict[str, Any]) -> Iterator[str]:
    if alerts_["alerts"]:
        worth = f", worth telling {100 * alerts_['share']:.0f} %" if alerts_["judged"] else ""
        yield (
            f"judged     alerts of the last {alerts_['days']} days: {alerts_['alerts']}, judged"
            f" {alerts_['judged']}{worth}"
        )


def _feeds(watched: list[dict[str, Any]], now: datetime) -> Iterator[str]:
    troubled = [feed for feed in watched if feed["state"] in ("failing", "down")]
    fine = sum(feed["state"] == "ok" for feed in watched)
    silent = [feed for feed in watched if feed["state"] == "quiet"]
    quiet_too = f"{len(silent)} quiet, " if silent else ""
    yield f"feeds      {len(watched)} watched: {fine} ok, {quiet_too}{len(troubled)} in trouble"
    for feed in troubled:
        since = feed["last_ok_at"] or "never"
        yield f"  {feed['state']:8} {feed['name']}: {feed['last_error']} (last ok: {since})"
    for feed in silent:
        yield f"  quiet    {feed['name']}: {_silence(feed).sentence(now)}"


def _silence(feed: dict[str, Any]) -> Silence:
    gap = feed["usual_gap_s"]
    since = datetime.fromisoformat(feed["quiet_since"])
    return Silence(since, None if gap is None else timedelta(seconds=gap))


def _missed(near: dict[str, Any]) -> Iterator[str]:
    """Only once analysts have answered for some: silence estimates nothing."""
    if near["estimate"] is not None:
        yield (
            f"missed     {near['estimate']:.0f} of {near['near_misses']} near-misses in 90 days "
            f"would have been worth an alert, as {near['answered']} answered suggest "
            f"({near['low']:.0f} to {near['high']:.0f})"
        )


def _tally(alert: dict[str, Any]) -> str:
    if alert["kind"] == "coverage_hole":
        named = f" from {', '.join(alert['feeds'])}" if alert["feeds"] else ""
        return f"only {alert['stories']} stories{named}, {alert['expected']:.1f} would be usual"
    kind = {"positive_share": "positive", "negative_volume": "negative (volume surge)"}
    counted = kind.get(alert["kind"], "negative")
    return f"{alert['negatives']} of {alert['stories']} stories {counted}"


def _policy(state: dict[str, Any]) -> Iterator[str]:
    yield f"policy     {_serves(state)}"
    poor, given = state["labels_by_tier"].get("fallback", 0), sum(state["labels_by_tier"].values())
    if state["tier"] == "fallback":
        yield "  FALLBACK: the checkpoint cannot be served: see the daemon's log. Trust labels less"
    if poor:
        yield f"  {poor:,} of {given:,} labels of the last day came from the fallback policy"


def _serves(state: dict[str, Any]) -> str:
    """What went live last, and where that differs what the newest label came from."""
    labelled = f"{state['policy']} on {state['tier']}" if state["policy"] else ""
    promoted = state["learning"]["live"]
    if promoted is None or promoted["checkpoint"] == state["policy"]:
        return labelled or "nothing labelled yet"
    newest = f"the newest label is by {labelled}" if labelled else "nothing labelled yet"
    return f"{promoted['checkpoint']}, {newest}"


def _plain(value: Any) -> Any:
    return rfc3339(value) if isinstance(value, datetime) else value
