"""The dashboard against grafana/dashboard-linter's rules and the metrics that exist."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

BOTH = 'job=~"$job",instance=~"$instance"'


@pytest.fixture(scope="module")
def dashboard(deploy: Path) -> dict[str, Any]:
    text = (deploy / "grafana/dashboards/downdraft.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.fixture(scope="module")
def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


@pytest.fixture(scope="module")
def expressions(panels: list[dict[str, Any]]) -> list[str]:
    return [target["expr"] for panel in panels for target in panel["targets"]]


def test_every_query_uses_metrics_and_labels_that_exist(
    dashboard: dict[str, Any],
    expressions: list[str],
    unknown_series: Callable[[str], list[str]],
) -> None:
    variables = [v["definition"] for v in dashboard["templating"]["list"] if "definition" in v]
    wrong = {e: unknown_series(e) for e in expressions + variables}
    assert {e: series for e, series in wrong.items() if series} == {}


def test_it_shows_everything_that_an_operator_asks_for(expressions: list[str]) -> None:
    shown = " ".join(expressions)
    for metric in ("stream_share", "alerts_firing", "feeds", "stage_seconds", "backlog"):
        assert f"downdraft_{metric}" in shown
    for metric in (
        "policy_info",
        "deliveries_total",
        "job_seconds",
        "articles_total",
        "labels_total",
        "verdicts_total",
        "reward_mean",
        "promotions_total",
        "policy_unopened_total",
        "trial_evidence",
        "trial_threshold",
        "trial_judged",
        "verdicts_waiting",
        "analysts",
    ):
        assert f"downdraft_{metric}" in shown


def test_each_panel_says_what_it_is_in_which_unit(panels: list[dict[str, Any]]) -> None:
    for panel in panels:
        assert panel["title"], panel["id"]
        assert panel["description"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}", panel["title"]


def test_each_query_keeps_to_the_chosen_job_and_instance(expressions: list[str]) -> None:
    for expression in expressions:
        selectors = re.findall(r"(?:downdraft|process)_\w+(\{[^}]*\})?", expression)
        assert selectors, expression
        assert all(BOTH in selector for selector in selectors), expression


def test_counters_are_shown_as_rates(expressions: list[str]) -> None:
    for expression in expressions:
        for match in re.finditer(r"\w+_(?:total|bucket)\{", expression):
            before = expression[: match.start()]
            assert re.search(r"(?:rate|increase)\($", before), expression


def test_panels_have_ids_of_their_own_and_do_not_overlap(dashboard: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    cells: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        mine = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & mine, panel["title"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        cells |= mine


def test_it_is_provisioned_under_a_fixed_name_and_not_editable(
    deploy: Path, dashboard: dict[str, Any]
) -> None:
    assert dashboard["uid"] == "downdraft"
    assert dashboard["editable"] is False
    provider = yaml.safe_load(
        (deploy / "grafana/provisioning/dashboards/downdraft.yml").read_text(encoding="utf-8")
    )
    compose = (deploy / "compose.yaml").read_text(encoding="utf-8")
    path = provider["providers"][0]["options"]["path"]
    assert f"./grafana/dashboards:{path}:ro" in compose


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is missing (Debian: apt install prometheus)"
)
def test_prometheus_understands_every_query(expressions: list[str], tmp_path: Path) -> None:
    plain = [e.replace("$__rate_interval", "5m") for e in expressions]
    rules = [{"record": f"panel:{i}", "expr": e} for i, e in enumerate(plain)]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = subprocess.run(
        ["promtool", "check", "rules", "--lint=none", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
