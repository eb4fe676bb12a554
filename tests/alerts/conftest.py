"""An alert on a fictional company, and receivers on loopback."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.dispatch import outbox
from alerts.render import Message, render
from alerts.types import Alert, Budget, Copy, Delivery, Evidence, Story, Stream

ONSET = datetime(2026, 3, 4, 9, tzinfo=UTC)
RAISED = ONSET + timedelta(hours=2)
PUBLIC_URL = "https://downdraft.example.com"

_STORIES = (
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


@pytest.fixture
def alert() -> Alert:
    stream = Stream(target="Halvorsen Marine")
    return Alert(
        id="alert-7f3a",
        stream=stream,
        kind="negative_share",
        severity="critical",
        status="firing",
        onset=ONSET,
        raised_at=RAISED,
        evidence=Evidence(stream, ONSET + timedelta(hours=1), timedelta(hours=1), 9, 8, 0.25, 11.2, 4),
        stories_since_onset=16,
        negatives_since_onset=14,
        baseline=0.25,
        stories=tuple(_story(n, *one) for n, one in enumerate(_STORIES, 1)),
        checkpoint="9f2c41d07a",
        budget=Budget(alarms_per_week=2, streams=220, threshold=18_480, bins_per_week=168),
    )


@pytest.fixture
def child(alert: Alert) -> Alert:
    return replace(
        alert,
        id="alert-child",
        stream=Stream(topic="Legal | Regulation"),
        stories_since_onset=15,
        negatives_since_onset=12,
        parent=alert.id,
    )


@pytest.fixture
def message(alert: Alert, child: Alert) -> Message:
    return render(alert, "firing", [child], PUBLIC_URL)


@pytest.fixture
def delivery(alert: Alert) -> Delivery:
    return outbox(alert, "firing", ["desk"], RAISED)[0]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-made certificate for 127.0.0.1 and its key, as PEM files."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command, which makes the test's certificate, is not installed")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
    names = ["-subj", "/CN=mail.test", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command.split(), *names, *files], check=True, capture_output=True)
    return cert, key
