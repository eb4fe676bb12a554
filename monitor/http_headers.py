"""When a publisher wants to be asked again, in its own headers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})")


def retry_at(response: httpx2.Response, now: datetime) -> datetime | None:
    """Retry-After as seconds or as an HTTP date (RFC 9110, 10.2.3); None where unreadable."""
    value = response.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return now + timedelta(seconds=min(int(value), 10**8))
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment.astimezone(UTC), now)


def max_age_s(response: httpx2.Response) -> int | None:
    """Cache-Control's max-age in seconds; None where absent or where nothing may be kept."""
    control = response.headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return None
    match = _MAX_AGE.search(control)
    return int(match[1]) if match else None
