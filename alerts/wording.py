"""The words of an alert: one plain sentence a fact. Pure; shared by mail, payload and console.

Headlines, outlet names and links are strangers' text: they pass `one_line` and `safe_link` before
they stand anywhere.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

from alerts.types import Alert, Announcement, Budget, Kind, Stream

_LONGEST_LINK = 1000
_WEEKS_PER_YEAR = 52.18
_NAMED = 3  # of the streams that a crisis has spread to
# Left in, these would let a headline reverse the text after it ("Trojan Source", CVE-2021-42574).
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def one_line(text: str, limit: int = 240) -> str:
    """`text` on one line without control characters or bidi overrides, cut to `limit`."""
    plain = text[: 4 * limit].translate(_BIDI_CONTROLS)
    spaced = "".join(
        " " if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") else char for char in plain
    )
    line = " ".join(spaced.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def safe_link(url: str) -> str:
    """`url` if it may stand behind a link (http or https, one word, of sane length), else ""."""
    if len(url) > _LONGEST_LINK or any(char.isspace() or not char.isprintable() for char in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as http://[broken
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""


def rfc3339(at: datetime) -> str:
    """UTC with seconds and `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_and_time(at: datetime) -> str:
    """As in `4 Mar 09:12`, UTC."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %H:%M}"


def counted(number: int, singular: str, plural: str = "") -> str:
    """`1 story`, `2 stories`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def place(stream: Stream) -> str:
    """Where, as a name: `Halvorsen Marine in Legal | Regulation`."""
    names = [one_line(name, 80) for name in (stream.target, stream.topic) if name]
    return " in ".join(names) or "all news"


def headline(alert: Alert) -> str:
    """What happened, in a few words and without numbers."""
    about = ("about " if alert.stream.target else "in ") + place(alert.stream)
    match alert.kind:
        case "negative_share":
            return f"Negative news {about}"
        case "positive_share":
            return f"Positive news {about}"
        case "negative_volume":
            return f"Volume surge, unusually many negative stories {about}"
        case "coverage_hole" if alert.feeds and alert.stream == Stream():
            return f"Unusually few stories from {feeds(alert, 3)}"
        case "coverage_hole":
            return f"Unusually few stories {about}"


def feeds(alert: Alert, most: int) -> str:
    """The silent feeds by name: `Tidewater, Granary and 2 more feeds`."""
    names = [one_line(name, 60) for name in alert.feeds[:most]]
    more = len(alert.feeds) - len(names)
    return f"{', '.join(names)} and {counted(more, 'more feed')}" if more else ", ".join(names)


def sentiment(kind: Kind) -> str:
    """What stories are counted for."""
    return "positive" if kind == "positive_share" else "negative"


def where(alert: Alert) -> str:
    """A stream inside a crisis, in few words: what it is counted for unless that is its share."""
    match alert.kind:
        case "negative_volume":
            return f"{place(alert.stream)}, surge"
        case "coverage_hole":
            return f"{place(alert.stream)}, too quiet"
        case "negative_share" | "positive_share":
            return place(alert.stream)


def tally(alert: Alert) -> str:
    """The count behind the headline: `14 of 16 stories`."""
    total = counted(alert.stories_since_onset, "story", "stories")
    if alert.kind == "coverage_hole":
        return total
    return f"{alert.negatives_since_onset:,} of {total}"


def sentence(alert: Alert, announcement: Announcement) -> str:
    """What happened or is over, in one plain sentence with its numbers."""
    return _resolved(alert) if announcement == "resolved" else _firing(alert)


def spread(alert: Alert, joined: Sequence[Alert]) -> str:
    """Whither an alert has spread since it was told: those that joined last by name."""
    named = [f"{_begun(headline(one))} ({tally(one)})" for one in joined[:_NAMED]]
    more = [counted(len(joined) - _NAMED, "more stream")] if len(joined) > _NAMED else []
    return f"{_told(alert)}, is spreading. Since then also: {'; '.join((*named, *more))}."


def grown(alert: Alert, by_now: Alert) -> str:
    """How much an alert has grown since it was told."""
    counts = f"{tally(by_now)} since {_since(alert)} are {sentiment(alert.kind)} by now"
    return f"{_told(alert)} with {tally(alert)}, has grown: {counts}; {_usual(by_now)}."


def _told(alert: Alert) -> str:
    return f"{headline(alert)}, told {day_and_time(alert.raised_at)} UTC"


def _begun(words: str) -> str:
    return words[:1].lower() + words[1:]


def _firing(alert: Alert) -> str:
    known = f"{headline(alert)}: {tally(alert)} since {_since(alert)}"
    match alert.kind:
        case "negative_share" | "positive_share":
            return f"{known} are {sentiment(alert.kind)}; {_usual(alert)}."
        case "negative_volume":
            return f"{known} are negative; {_usual(alert)}. {_proportion(alert)}"
        case "coverage_hole":
            return f"{known}; {_usual(alert)}. Feeds may be down{_which(alert)}."


def _proportion(alert: Alert) -> str:
    return f"Their share is {alert.share:.0%}, against {alert.baseline:.0%} usually."


def _which(alert: Alert) -> str:
    return f": {feeds(alert, 12)}" if alert.feeds else ""


def _resolved(alert: Alert) -> str:
    end = f" to {day_and_time(alert.resolved_at)}" if alert.resolved_at else ""
    counted_for = "" if alert.kind == "coverage_hole" else f" {sentiment(alert.kind)}"
    from_to = f"{day_and_time(alert.onset)}{end} UTC"
    return f"Over: {headline(alert)}. From {from_to}: {tally(alert)}{counted_for}; {_usual(alert)}."


def caveat(alert: Alert) -> str:
    """What a reader must know before trusting the count, or ""."""
    if not alert.fallback_stories:
        return ""
    total = counted(alert.stories_since_onset, "label")
    return (
        f"{alert.fallback_stories:,} of {total} came from the fallback policy, which reads words "
        "and not meaning and is wrong more often: look at the stories before acting."
    )


def _since(alert: Alert) -> str:
    onset = alert.onset.astimezone(UTC)
    same_day = onset.date() == alert.raised_at.astimezone(UTC).date()
    return f"{onset:%H:%M} UTC" if same_day else f"{day_and_time(onset)} UTC"


def usual(alert: Alert) -> float:
    """How many there would usually be: of a share, among as many stories; else since onset."""
    if alert.expected is not None:
        return alert.expected
    return alert.baseline * alert.stories_since_onset


def _usual(alert: Alert) -> str:
    expected = round(usual(alert))
    number = f"{expected:,}" if expected else "fewer than 1"
    among = "" if alert.expected is not None else f" in {alert.stories_since_onset:,}"
    return f"{number}{among} would be usual"


def rarity(alert: Alert) -> str:
    """How often chance alone gives this much evidence in the stream: at most once in M bins."""
    bins = math.exp(min(alert.evidence.log_evidence, 100.0))
    return (
        "a false alarm this strong is expected at most once in "
        f"{span(bins / alert.budget.bins_per_week)} in this stream"
    )


_BUDGETS: dict[Kind, tuple[str, str]] = {
    "negative_share": ("negative news", "stream"),
    "positive_share": ("positive news", "stream"),
    "negative_volume": ("volume surges", "stream"),
    "coverage_hole": ("coverage holes", "stream or feed"),
}


def promise(budget: Budget, kind: Kind = "negative_share") -> str:
    """What part of which budget of false alarms the alert spends."""
    rate = budget.alarms_per_week
    several = f"{rate:.3g} false alarm{'s' if rate > 1 else ''} a week"
    whole = several if rate >= 1 else f"one false alarm in {span(1 / rate)}"
    own = span(1 / budget.stream_alarms_per_week)
    what, row = _BUDGETS[kind]
    rows = counted(budget.streams, row, row.replace("stream", "streams").replace("feed", "feeds"))
    return (
        f"this {row} may raise a false alarm once in {own}; all that you watch, {rows}: at most "
        f"{whole}. This alert spends from the budget for {what}, of which {_percent(budget.part)} "
        "is this one's"
    )


def _percent(part: float) -> str:
    return f"{part:.0%}" if part >= 0.095 else f"{100 * part:.1f}%"


def span(weeks: float) -> str:
    """A length of time in the unit that a reader would choose."""
    if weeks < 2:
        return counted(max(1, round(weeks * 7)), "day")
    if weeks < 2 * _WEEKS_PER_YEAR:
        return counted(round(weeks), "week")
    years = weeks / _WEEKS_PER_YEAR
    return counted(round(years), "year") if years <= 1000 else "over 1,000 years"
