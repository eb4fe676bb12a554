"""How outlets write dates: the ways that real feeds do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from types import MappingProxyType

_EAST = timezone(timedelta(hours=2))
_FAR_EAST = timezone(timedelta(hours=5, minutes=30))
_EASTERN = timezone(timedelta(hours=-5), "EST")


def _gmt(at: datetime) -> str:
    return format_datetime(at).replace("+0000", "GMT")


def _no_seconds(at: datetime) -> str:
    return format_datetime(at.replace(second=0)).replace(":00 +0000", " +0000")


DATE_STYLES: Mapping[str, Callable[[datetime], str]] = MappingProxyType(
    {
        "rfc822-gmt": _gmt,
        "rfc822-offset": lambda at: format_datetime(at.astimezone(_EAST)),
        "rfc822-est": lambda at: format_datetime(at.astimezone(_EASTERN)).replace("-0500", "EST"),
        "rfc822-no-seconds": _no_seconds,
        "iso-z": lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "iso-offset": lambda at: at.astimezone(_FAR_EAST).isoformat(),
        "iso-fraction": lambda at: at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "none": lambda at: "",
    }
)
