"""From an alert to the message about it: subject, plain text, HTML and webhook payload.

Everything a stranger wrote is on one line, cut and, in HTML, escaped. Each body stays below 20 kB
(what Standard Webhooks advises, and far below where mail clients clip): lists are cut until it
does, and the message says how many entries it left out.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from alerts.chat_text import brief
from alerts.owners import NO_OWNERS, Owners, origins_of
from alerts.payload import Cut, alert_url, outlets, payload
from alerts.spreading import as_spread, joined
from alerts.types import Alert, Announcement, Severity, Story
from alerts.wording import (
    caveat,
    counted,
    day_and_time,
    feeds,
    grown,
    headline,
    one_line,
    place,
    promise,
    rarity,
    safe_link,
    sentence,
    sentiment,
    spread,
    tally,
    where,
)

State = Severity | Literal["resolved"]  # how bad it is, or that it is over
BODY_LIMIT = 20_000  # bytes
_CUTS = (
    Cut(stories=20, copies=60, children=20),
    Cut(stories=10, copies=20, children=20),
    Cut(stories=10, copies=8, children=20),
    Cut(stories=6, copies=8, children=10),
    Cut(stories=3, copies=3, children=10),
    Cut(stories=1, copies=1, children=3),
)
_ORDERS = {
    "spread": "The stories of what has joined, the latest first",
    "grown": "The latest negative stories, those of most outlets first",
}
_COLOURS = {"critical": "#b3261e", "warning": "#b26a00", "resolved": "#2e7d32"}
_TEMPLATES = Environment(
    loader=PackageLoader("alerts", "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True)
class Message:
    """One announcement, ready for any sender."""

    subject: str  # one line
    state: State
    text: str
    html: str
    payload: dict[str, object]  # JSON-able
    chat: str  # a few lines of plain text


@dataclass(frozen=True, slots=True)
class _Outlet:
    name: str
    link: str  # "" where the address may not be linked
    at: str


@dataclass(frozen=True, slots=True)
class _Row:
    title: str
    link: str
    negative: bool
    spread: str
    outlets: tuple[_Outlet, ...]
    more: int


def render(
    alert: Alert,
    announcement: Announcement,
    children: Sequence[Alert],
    public_url: str,
    answers: Mapping[str, str] | None = None,
    by_now: Alert | None = None,
    owners: Owners = NO_OWNERS,
) -> Message:
    """The message on `alert`, with the `children` that it explains inside.

    `by_now`: the alert as it stands, for one that has grown since it was told. `answers`: links by
    the words that they stand for, with which a reader answers whether the alert was worth telling.
    They stand in text and HTML, not in the payload, which goes to machines. `owners`: by whom
    origins are counted.
    """
    told, words = _what_is_told(alert, announcement, children, by_now)
    for cut in _CUTS:
        message = _message(
            told, announcement, words, children, public_url, answers or {}, cut, owners
        )
        if _largest_body(message) < BODY_LIMIT:
            break
    return message


def _what_is_told(
    alert: Alert, announcement: Announcement, children: Sequence[Alert], by_now: Alert | None
) -> tuple[Alert, str]:
    """The alert with the numbers and stories to show, and the sentence above them."""
    if announcement == "grown" and by_now is not None:
        return by_now, grown(alert, by_now)
    if announcement == "spread" and (late := joined(alert, children)):
        return as_spread(alert, late), spread(alert, late)
    return alert, sentence(alert, announcement)


def _message(
    alert: Alert,
    announcement: Announcement,
    words: str,
    children: Sequence[Alert],
    public_url: str,
    answers: Mapping[str, str],
    cut: Cut,
    owners: Owners,
) -> Message:
    url = alert_url(alert, public_url)
    view = _view(alert, announcement, children, url, cut) | {
        "sentence": words,
        "answers": answers,
        "spread": _spread(alert.stories, owners),
    }
    return Message(
        subject=_subject(alert, announcement),
        state=_state(alert, announcement),
        text=_TEMPLATES.get_template("alert.txt").render(view),
        html=_TEMPLATES.get_template("alert.html").render(view),
        payload=payload(alert, announcement, children, public_url, cut, owners),
        chat=brief(alert, words, children, url),
    )


def _largest_body(message: Message) -> int:
    data = json.dumps(message.payload, ensure_ascii=False)
    return max(len(body.encode()) for body in (message.text, message.html, data))


def _subject(alert: Alert, announcement: Announcement) -> str:
    if announcement == "resolved":
        return f"[resolved] {headline(alert)}"
    if announcement == "spread":
        return f"[{alert.severity}] Spreading: {headline(alert)}"
    still = "Growing: " if announcement == "grown" else ""
    return f"[{alert.severity}] {still}{headline(alert)}: {tally(alert)}"


def _state(alert: Alert, announcement: Announcement) -> State:
    return "resolved" if announcement == "resolved" else alert.severity


def _view(
    alert: Alert, announcement: Announcement, children: Sequence[Alert], url: str, cut: Cut
) -> dict[str, object]:
    state = _state(alert, announcement)
    return {
        "state": state,
        "order": _ORDERS.get(announcement, "The stories, heaviest first"),
        "colour": _COLOURS[state],
        "facts": _facts(alert),
        "bars": _bars(alert),
        "children": [(where(child), tally(child)) for child in children[: cut.children]],
        "more_children": max(0, len(children) - cut.children),
        "stories": [_row(story, cut.copies) for story in alert.stories[: cut.stories]],
        "more_stories": max(0, len(alert.stories) - cut.stories),
        "url": url,
        "link": safe_link(url),
    }


def _facts(alert: Alert) -> list[tuple[str, str]]:
    evidence, threshold = alert.evidence.log_evidence, math.log(alert.budget.threshold)
    facts = [
        ("Where", place(alert.stream)),
        ("Since", f"{day_and_time(alert.onset)} UTC, raised {day_and_time(alert.raised_at)} UTC"),
        ("Evidence", f"ln M {evidence:.1f}, threshold {threshold:.1f}: {rarity(alert)}"),
        ("Budget", promise(alert.budget, alert.kind)),
        ("Labelled by", f"checkpoint {one_line(alert.checkpoint, 80)}"),
    ]
    if alert.resolved_at:
        facts.insert(2, ("Until", f"{day_and_time(alert.resolved_at)} UTC"))
    if alert.feeds:
        facts.insert(1, ("Feeds", feeds(alert, 40)))
    if warning := caveat(alert):
        facts.insert(0, ("Caution", warning))
    return facts


def _bars(alert: Alert) -> list[tuple[str, int]]:
    """Name and per cent of each bar; only a share has a share to be held against."""
    if alert.kind not in ("negative_share", "positive_share"):
        return []
    name = sentiment(alert.kind).capitalize()
    return [(name, round(100 * alert.share)), ("Usual", round(100 * alert.baseline))]


def _spread(stories: Sequence[Story], owners: Owners) -> str:
    origins = origins_of(stories, owners)
    names = sum(map(len, origins.values()))
    reprints = sum(max(0, len(story.origins) - 1) for story in stories)
    of_owners = f" of {counted(len(origins), 'owner')}" if len(origins) < names else ""
    return (
        f"{counted(len(stories), 'story', 'stories')}, {counted(names, 'outlet')}{of_owners}, "
        f"{counted(reprints, 'reprint')}"
    )


def _row(story: Story, most_copies: int) -> _Row:
    copies = outlets(story)
    shown = tuple(
        _Outlet(one_line(copy.origin, 80), safe_link(copy.url), day_and_time(copy.seen_at))
        for copy in copies[:most_copies]
    )
    return _Row(
        title=one_line(story.title) or "(no headline)",
        link=shown[0].link if shown else "",
        negative=story.negative,
        spread=f"1 origin, {counted(max(0, len(copies) - 1), 'reprint')}",
        outlets=shown,
        more=len(copies) - len(shown),
    )
