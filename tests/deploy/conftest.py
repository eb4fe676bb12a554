"""What the daemon really exposes, and where deployment files lie."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from monitor.metrics import Metrics, StoreCounter

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_count", "_sum"),
    "info": ("_info",),
    "gauge": ("",),
}
# Labels that Prometheus adds, or renames: a series' own `job` gives way to the target's.
ADDED = {"job", "instance"}
SELECTOR = re.compile(r"\b((?:downdraft|process)_\w+|up)\b(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')


def exposed_series() -> dict[str, set[str]]:
    """Each series' name and the labels it has in Prometheus."""
    metrics = Metrics(CollectorRegistry())
    series: dict[str, set[str]] = {"up": set(ADDED)}
    for name in ("process_resident_memory_bytes", "process_cpu_seconds_total"):
        series[name] = set(ADDED)
    series["process_start_time_seconds"] = set(ADDED)
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            own = {"exported_job" if label == "job" else label for label in metric._labelnames}
            for suffix in SUFFIXES[metric._type]:
                series[metric._name + suffix] = own | ADDED
        elif isinstance(metric, StoreCounter):
            series[f"{metric.name}_total"] = {*metric.labels} | ADDED
    series["downdraft_policy_info"] |= {"checkpoint", "tier"}
    series["downdraft_build_info"] |= {"version"}
    for name in [name for name in series if name.endswith("_bucket")]:
        series[name].add("le")
    return series


@pytest.fixture(scope="session")
def unknown_series() -> Callable[[str], list[str]]:
    """From a PromQL expression to what it names that the daemon does not expose."""
    known = exposed_series()

    def unknown(expression: str) -> list[str]:
        wrong = []
        for name, matchers in SELECTOR.findall(expression):
            if name not in known:
                wrong.append(name)
            else:
                wrong += [
                    f"{name}{{{label}}}"
                    for label in MATCHER.findall(matchers)
                    if label not in known[name]
                ]
        return wrong

    return unknown


@pytest.fixture(scope="session")
def deploy() -> Path:
    return DEPLOY
