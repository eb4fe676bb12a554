"""The words of an alert: one plain sentence a fact. Pure; shared by mail, payload and console.

Headlines, outlet names and links are strangers' text: they pass `one_line` and `safe_link` before
they stand anywhere.
"""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, datetime
from urllib.parse import urlsplit

from alerts.types import Alert, Announcement, Budget, Stream

_LONGEST_LINK = 1000
_WEEKS_PER_YEAR = 52.18
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
        case "negative_volume":
            return f"Unusually many negative stories {about}"
        case "coverage_hole":
            return f"Unusually few stories {about}"


def tally(alert: Alert) -> str:
    """The count behind the headline: `14 of 16 stories`."""
    total = counted(alert.stories_since_onset, "story", "stories")
    if alert.kind == "coverage_hole":
        return total
    return f"{alert.negatives_since_onset:,} of {total}"


def sentence(alert: Alert, announcement: Announcement) -> str:
    """What happened, in one plain sentence with its numbers."""
    return _firing(alert) if announcement == "firing" else _resolved(alert)


def _firing(alert: Alert) -> str:
    known = f"{headline(alert)}: {tally(alert)} since {_since(alert)}"
    match alert.kind:
        case "negative_share":
            return f"{known} are negative; {_usual(alert)}."
        case "negative_volume":
            return f"{known} are negative."
        case "coverage_hole":
            return f"{known}. Feeds may be down."


def _resolved(alert: Alert) -> str:
    end = f" to {day_and_time(alert.resolved_at)}" if alert.resolved_at else ""
    negative = "" if alert.kind == "coverage_hole" else " negative"
    usual = f"; {_usual(alert)}" if alert.kind == "negative_share" else ""
    from_to = f"{day_and_time(alert.onset)}{end} UTC"
    return f"Over: {headline(alert)}. From {from_to}: {tally(alert)}{negative}{usual}."


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


def _usual(alert: Alert) -> str:
    expected = round(alert.baseline * alert.stories_since_onset)
    number = f"{expected:,}" if expected else "fewer than 1"
    return f"{number} in {alert.stories_since_onset:,} would be usual"


def rarity(alert: Alert) -> str:
    """How often chance alone gives this much evidence in the stream: at most once in M bins."""
    bins = math.exp(min(alert.evidence.log_evidence, 100.0))
    return (
        "a false alarm this strong is expected at most once in "
        f"{span(bins / alert.budget.bins_per_week)} in this stream"
    )


def promise(budget: Budget) -> str:
    """The budget of false alarms that the alert is charged to."""
    rate = budget.alarms_per_week
    several = f"{rate:.3g} false alarm{'s' if rate > 1 else ''} a week"
    whole = several if rate >= 1 else f"one false alarm in {span(1 / rate)}"
    own = span(budget.threshold / budget.bins_per_week)
    streams = counted(budget.streams, "stream")
    return f"charged to a budget of at most {whole} over {streams}, one in {own} in this stream"


def span(weeks: float) -> str:
    """A length of time in the unit that a reader would choose."""
    if weeks < 2:
        return counted(max(1, round(weeks * 7)), "day")
    if weeks < 2 * _WEEKS_PER_YEAR:
        return counted(round(weeks), "week")
    years = weeks / _WEEKS_PER_YEAR
    return counted(round(years), "year") if years <= 1000 else "over 1,000 years"
