"""A fictional company in trouble: the times and stories that the tests of messages share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from alerts.types import Copy, Story

ONSET = datetime(2026, 3, 4, 9, tzinfo=UTC)
RAISED = ONSET + timedelta(hours=2)
PUBLIC_URL = "https://downdraft.example.com"

_HEADLINES = (
    (
        "Halvorsen Marine tanker runs aground off Skarvik; crew evacuated",
        ("Harbor Wire", "Northern Ledger", "The Tradepost", "Coastal Daily"),
    ),
    ("Regulator opens inquiry into Halvorsen Marine's safety records", ("Capital Courier",)),
    (
        "Halvorsen Marine shares slide 14% as lenders ask for collateral",
        ("Meridian Markets", "Ledgerline"),
    ),
)


def _story(number: int, title: str, outlets: tuple[str, ...]) -> Story:
    seen = ONSET + timedelta(minutes=10 * number)
    copies = tuple(
        Copy(name, f"https://{name.split()[0].lower()}.example.com/{number}", seen + minutes)
        for name, minutes in zip(outlets, _minutes(len(outlets)), strict=True)
    )
    return Story(number, title, seen, True, 0.97, 3.0 - number / 2, copies)


def _minutes(count: int) -> list[timedelta]:
    return [timedelta(minutes=3 * step) for step in range(count)]


STORIES = tuple(_story(number, *one) for number, one in enumerate(_HEADLINES, 1))
