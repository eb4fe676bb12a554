"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from monitor.entries import Entries, Entry
from monitor.errors import ParseError


def read_json_feed(body: bytes) -> Entries:
    """The feed's entries; ParseError where the JSON is broken or no feed."""
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ParseError(f"broken JSON ({str(error)[:120]})") from None
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise ParseError(f"JSON that is no feed: {_shape(feed)}")
    language = _text(feed.get("language"))
    return Entries(
        format="json",
        title=_text(feed.get("title")),
        entries=[_entry(item, language) for item in feed["items"]],
    )


def _shape(feed: Any) -> str:
    if isinstance(feed, dict):
        return "an object with the keys " + (", ".join(list(feed)[:6])[:120] or "(none)")
    return f"a {type(feed).__name__}"


def _entry(item: Any, language: str) -> Entry:
    if not isinstance(item, dict):
        return Entry()
    return Entry(
        guid=_text(item.get("id")),
        url=_first(item.get(key) for key in ("url", "external_url")),
        title=_text(item.get("title")),
        summary=_first(item.get(key) for key in ("summary", "content_text", "content_html")),
        published=_first(item.get(key) for key in ("date_published", "date_modified")),
        language=_text(item.get("language")) or language,
    )


def _first(values: Iterable[Any]) -> str:
    return next((text for text in map(_text, values) if text), "")


def _text(value: Any) -> str:
    """Strings, and the numbers that some publishers use as ids."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
