"""Publishers' dates, read by our own rules on the raw string.

feedparser's tuples are silently wrong for much that publishers write: `2016/6/29 15:07:41` becomes
the first of the current month, `BST` and `IST` are read as UTC, an epoch becomes the year 2017.
So: strict patterns for RFC 822, ISO 8601 and their common cousins, then python-dateutil, accepted
only where it had nothing to guess. What is unreadable or implausible is None, never a wrong time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from dateutil import parser as dateutil_parser

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # before the web had feeds, a date is a fault
LATEST = timedelta(hours=24)  # ahead of now: wrong zones are forgiven, scheduled posts are not
_AHEAD = timedelta(minutes=15)  # an article later than this is read in another zone, if it can be

_H = timedelta(hours=1)
# RFC 822 fixes the North American letters. Where letters mean several zones the first that does
# not put the article into the future is taken, e.g. CST: US Central, then China.
_ZONES: dict[str, tuple[timedelta, ...]] = {
    **dict.fromkeys(("Z", "UT", "UTC", "GMT", "WET"), (0 * _H,)),
    "EST": (-5 * _H,),
    "EDT": (-4 * _H,),
    "ET": (-5 * _H, -4 * _H),
    "CST": (-6 * _H, 8 * _H),
    "CDT": (-5 * _H,),
    "MST": (-7 * _H,),
    "MDT": (-6 * _H,),
    "PST": (-8 * _H,),
    "PDT": (-7 * _H,),
    "AKST": (-9 * _H,),
    "AKDT": (-8 * _H,),
    "HST": (-10 * _H,),
    "AST": (-4 * _H, 3 * _H),
    "ADT": (-3 * _H,),
    "BRT": (-3 * _H,),
    "ART": (-3 * _H,),
    "BST": (1 * _H, 6 * _H),
    "IST": (5.5 * _H, 2 * _H, 1 * _H),
    "WEST": (1 * _H,),
    "CET": (1 * _H,),
    "MEZ": (1 * _H,),
    "CEST": (2 * _H,),
    "MESZ": (2 * _H,),
    "SAST": (2 * _H,),
    "CAT": (2 * _H,),
    "EET": (2 * _H,),
    "EEST": (3 * _H,),
    "EAT": (3 * _H,),
    "MSK": (3 * _H,),
    "TRT": (3 * _H,),
    "GST": (4 * _H,),
    "PKT": (5 * _H,),
    "ICT": (7 * _H,),
    "WIB": (7 * _H,),
    "HKT": (8 * _H,),
    "SGT": (8 * _H,),
    "AWST": (8 * _H,),
    "JST": (9 * _H,),
    "KST": (9 * _H,),
    "AEST": (10 * _H,),
    "AEDT": (11 * _H,),
    "NZST": (12 * _H,),
    "NZDT": (13 * _H,),
}
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)}
_CLOCK = (
    r"(?P<hour>\d{1,2})[:h](?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
)
_ZONE = r"(?P<zone>[A-Za-z]{0,5}\s*[+-]\d{1,2}:?(?:\d{2})?|[A-Za-z]{1,5})?"
_END = rf"(?:[T,\s]*{_CLOCK}\s*\(?{_ZONE}\)?(?:\s*\([A-Za-z ]+\))?)?\s*$"
_RFC_822 = re.compile(
    r"^(?:[^\W\d]+\.?\s*,?\s*)?(?P<day>\d{1,2})[\s-]+(?P<name>[A-Za-z]{3})[A-Za-z]*\.?"
    rf"[\s,-]+(?P<year>\d{{4}}|\d{{2}}){_END}"
)
_AMERICAN = re.compile(
    r"^(?:[^\W\d]+\.?\s*,?\s+)??(?P<name>[A-Za-z]{3})[A-Za-z]*\.?\s+(?P<day>\d{1,2}),?"
    rf"\s+(?P<year>\d{{4}}){_END}"
)
_ISO = re.compile(
    r"^(?P<year>\d{4})(?P<sep>[-/.]?)(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})" + _END
)
_HAN = re.compile(r"^(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日" + _END)
_COMPACT = re.compile(
    r"^(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)"
    rf"(?P<half>)\s*{_ZONE}$"
)
_PATTERNS = (_RFC_822, _ISO, _AMERICAN, _HAN, _COMPACT)
_EPOCH = re.compile(r"^(\d{10})(\d{3})?$")
_OFFSET = re.compile(r"^([A-Za-z]{0,5})\s*([+-])(\d{1,2}):?(\d{2})?$")


def read_date(raw: str, now: datetime, zone: tzinfo | None = UTC) -> datetime | None:
    """The publisher's time in UTC, or None where it is unreadable or implausible.

    `zone` is the feed's own zone, for times that state none (None: such times are unreadable) and
    for letters such as CST that mean several. Plausible: from 1995 to 24 hours after `now`.
    """
    text = " ".join(raw.split())
    if not text or len(text) > 100:
        return None
    try:
        moment = _from_epoch(text) or _from_text(text, now, zone)
    except (ValueError, OverflowError):
        return None
    if moment is None or not EARLIEST <= moment <= now + LATEST:
        return None
    return moment.astimezone(UTC)


def _from_epoch(text: str) -> datetime | None:
    match = _EPOCH.match(text)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def _from_text(text: str, now: datetime, zone: tzinfo | None) -> datetime | None:
    for pattern in _PATTERNS:
        if match := pattern.match(text):
            return _zoned(_wall_clock(match.groupdict()), match["zone"] or "", now, zone)
    return _guessless(text, zone)


def _wall_clock(part: dict[str, str | None]) -> datetime:
    year = int(part["year"] or 0)
    if year < 100:  # RFC 2822, 4.3
        year += 2000 if year < 50 else 1900
    hour = int(part["hour"] or 0)
    if part["half"]:
        hour = hour % 12 + (12 if part["half"] in "pP" else 0)
    second = min(int(part["second"] or 0), 59)  # leap seconds
    name = (part.get("name") or "")[:3].lower()
    month = _MONTHS.get(name, 0) if name else int(part["month"] or 0)  # 0: ValueError
    return datetime(  # noqa: DTZ001 (the zone is found later)
        year, month, int(part["day"] or 0), hour, int(part["minute"] or 0), second
    )


def _zoned(wall: datetime, letters: str, now: datetime, zone: tzinfo | None) -> datetime | None:
    """`wall` in the zone that `letters` name; None where they name none that we know."""
    if not letters:
        return wall.replace(tzinfo=zone) if zone else None
    name = letters.upper()
    if zone and wall.replace(tzinfo=zone).tzname() == name:
        return wall.replace(tzinfo=zone)
    moments = [wall.replace(tzinfo=timezone(offset)) for offset in _offsets(name)]
    past = [moment for moment in moments if moment <= now + _AHEAD]
    return next(iter(past or moments), None)


def _offsets(name: str) -> tuple[timedelta, ...]:
    if match := _OFFSET.match(name):
        size = timedelta(hours=int(match[3]), minutes=int(match[4] or 0))
        known = match[1] in ("", "GMT", "UTC", "UT", "Z")
        return (size if match[2] == "+" else -size,) if known and size < 15 * _H else ()
    return _ZONES.get(name, ())


def _guessless(text: str, zone: tzinfo | None) -> datetime | None:
    """python-dateutil's answer where two different sets of defaults give the same."""
    answers = {
        dateutil_parser.parse(text, default=default, dayfirst=dayfirst, tzinfos=_known_zone)
        for default in (datetime(2001, 1, 1), datetime(2004, 2, 2))  # noqa: DTZ001
        for dayfirst in (True, False)
    }
    if len(answers) != 1:  # a day, month or year was filled in, or 03/04 may be 04/03
        return None
    answer = answers.pop()
    if answer.tzinfo is None:
        return answer.replace(tzinfo=zone) if zone else None
    return answer


def _known_zone(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if not name:
        return None
    known = _ZONES.get(name.upper())
    if not known:
        raise ValueError(f"unknown zone {name}")
    return timezone(known[0])
