"""The demo keeps its word: one crisis, one parent alert, told by mail and webhook."""

from __future__ import annotations

import socket
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from monitor import demo
from monitor.daemon import load_policy, tick
from monitor.jobs import JOBS
from monitor.store import alerts


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def played(seed: int, folder: Path) -> list[str]:
    with demo.staged(seed, folder, free_port()) as stage:
        return demo.faults(demo.play(stage, 0, lambda now, script: None))


def test_the_story_of_seed_0_ends_as_its_script_says_and_the_page_shows_it(tmp_path: Path) -> None:
    port = free_port()
    with demo.staged(0, tmp_path, port) as stage, demo.page(stage):
        outcome = demo.play(stage, 0, lambda now, script: None)
        assert demo.faults(outcome) == []
        url = f"http://127.0.0.1:{port}"
        crisis = stage.script.crisis
        assert crisis.target in httpx2.get(url).text
        assert httpx2.get(f"{url}/readyz").text.strip() == "ok"
        metrics = httpx2.get(f"{url}/metrics").text
        assert 'downdraft_alerts_firing{kind="negative_share"} 1.0' in metrics
        assert stage.context.policy.checkpoint in metrics
        assert stage.context.policy.tier != "fallback"
    assert {d.receiver for d in outcome.deliveries} == {"desk-mail", "desk-webhook"}


def test_a_newcomer_signs_in_with_the_token_of_the_day_and_reviews(tmp_path: Path) -> None:
    port = free_port()
    with demo.staged(0, tmp_path, port) as stage, demo.page(stage):
        stage.clock.advance(demo.STARTS_AT + timedelta(hours=6))
        for job in JOBS:
            while tick(stage.context, job):
                pass
        known = {"Authorization": f"Bearer {stage.token}"}
        url = f"http://127.0.0.1:{port}/api/v1"
        item = httpx2.get(f"{url}/review/next", headers=known).json()["item"]
        said = {"item": item["id"], "answer": "abstain"}
        assert httpx2.post(f"{url}/verdicts", json=said, headers=known).status_code == 201
    (tmp_path / "another").mkdir()
    with demo.staged(0, tmp_path / "another", port) as other:
        assert other.token != stage.token


def test_a_script_without_its_alert_would_be_called_a_fault(tmp_path: Path) -> None:
    with demo.staged(0, tmp_path, free_port()) as stage:
        with stage.context.store.read() as tx:
            assert alerts.latest(tx, 5) == []
        nothing = demo.Played(stage.script, 0, 0, (), {}, (), frozenset())
    assert demo.faults(nothing) == [
        "0 parent alerts were raised, 1 was expected",
        "no announcement arrived by desk-mail",
        "no announcement arrived by desk-webhook",
    ]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(1, 21))
def test_every_other_seed_keeps_its_word_too(seed: int, tmp_path: Path) -> None:
    assert played(seed, tmp_path) == []


def test_the_demo_runs_the_policy_that_ships(tmp_path: Path) -> None:
    with demo.staged(0, tmp_path, free_port()) as stage:
        shipped = load_policy(stage.context.settings, stage.context.store)
        assert stage.context.policy.checkpoint == shipped.checkpoint
