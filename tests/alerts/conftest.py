"""An alert on a fictional company, and receivers on loopback."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from halvorsen import ONSET, PUBLIC_URL, RAISED, STORIES

from alerts.dispatch import outbox
from alerts.render import Message, render
from alerts.types import Alert, Budget, Delivery, Evidence, Stream


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
        evidence=Evidence(
            stream, ONSET + timedelta(hours=1), timedelta(hours=1), 9, 8, 0.25, 11.2, 4
        ),
        stories_since_onset=16,
        negatives_since_onset=14,
        baseline=0.25,
        stories=STORIES,
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


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False) as client:
        yield client
