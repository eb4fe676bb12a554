"""Prometheus' rules: they parse, they speak of metrics that exist, and their timelines hold."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is missing (Debian: apt install prometheus)"
)


def promtool(*arguments: str) -> str:
    """What promtool says; fails with its own words."""
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_promtool
def test_prometheus_accepts_its_configuration_and_rules(deploy: Path) -> None:
    assert "SUCCESS" in promtool("check", "config", str(deploy / "prometheus/prometheus.yml"))


@needs_promtool
def test_rules_fire_and_stay_silent_as_their_timelines_say(deploy: Path) -> None:
    assert "SUCCESS" in promtool("test", "rules", str(deploy / "prometheus/rules.test.yml"))


def rules(deploy: Path) -> list[dict[str, object]]:
    document = yaml.safe_load((deploy / "prometheus/rules.yml").read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def test_rules_speak_only_of_what_the_daemon_exposes(
    deploy: Path, unknown_series: Callable[[str], list[str]]
) -> None:
    wrong = {rule["alert"]: unknown_series(str(rule["expr"])) for rule in rules(deploy)}
    assert {name: series for name, series in wrong.items() if series} == {}


def test_every_rule_has_a_severity_a_summary_and_a_timeline(deploy: Path) -> None:
    timelines = (deploy / "prometheus/rules.test.yml").read_text(encoding="utf-8")
    for rule in rules(deploy):
        assert "severity" in rule["labels"], rule["alert"]  # type: ignore[operator]
        assert "summary" in rule["annotations"], rule["alert"]  # type: ignore[operator]
        assert f"alertname: {rule['alert']}\n" in timelines, f"{rule['alert']} is not tested"


def test_a_query_for_a_metric_that_does_not_exist_is_seen(
    unknown_series: Callable[[str], list[str]],
) -> None:
    assert unknown_series('rate(downdraft_polls_total{outcome="ok"}[5m])') == []
    assert unknown_series("downdraft_polls") == ["downdraft_polls"]
    assert unknown_series('downdraft_feeds{url="x"}') == ["downdraft_feeds{url}"]
    assert unknown_series('downdraft_job_seconds_bucket{exported_job="poll",le="1"}') == []
