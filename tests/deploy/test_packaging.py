"""What images and machines install, and the files they are started with."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from monitor.config import load_settings

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([a-z0-9-]+)==([^\s\\]+)", re.MULTILINE)


def pins(path: str) -> dict[str, str]:
    """Name to version, without local parts such as +cpu."""
    found = PIN.findall((ROOT / path).read_text(encoding="utf-8"))
    return {name: version.split("+")[0] for name, version in found}


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        loaded: dict[str, Any] = tomllib.load(file)["project"]
    return loaded


def direct(project: dict[str, Any]) -> list[Requirement]:
    extras = project["optional-dependencies"].values()
    listed = [*project["dependencies"], *(text for extra in extras for text in extra)]
    parsed = [Requirement(text) for text in listed]
    return [requirement for requirement in parsed if requirement.name != project["name"]]


def test_constraints_satisfy_what_the_project_asks_for(project: dict[str, Any]) -> None:
    pinned = pins("constraints.txt")
    for requirement in direct(project):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in constraints.txt; run make lock"
        assert requirement.specifier.contains(version), f"{requirement} is pinned to {version}"


def test_constraints_name_the_whole_tree(project: dict[str, Any]) -> None:
    pinned, seen, queue = pins("constraints.txt"), set[str](), direct(project)
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        if name in seen:
            continue
        seen.add(name)
        assert name in pinned, f"{name} is not in constraints.txt; run make lock"
        try:
            queue += [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            continue  # an extra that this machine does not have
    assert len(seen) > 40


def test_images_install_the_same_versions_each_with_its_hashes() -> None:
    pinned, locked = pins("constraints.txt"), pins("deploy/requirements.lock")
    assert len(locked) > 40
    assert {name: pinned.get(name) for name in locked} == locked
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / "deploy/requirements.lock").read_text("utf-8"))
    assert all("--hash=sha256:" in entry for entry in entries if PIN.match(entry))


def test_the_example_is_a_valid_configuration_with_many_feeds() -> None:
    settings = load_settings(ROOT / "deploy/downdraft.example.toml")
    urls = [feed.url for feed in settings.feeds]
    assert len(urls) >= 25
    assert all(url.startswith("https://") for url in urls)
    names = [feed.name for feed in settings.feeds]
    assert len(names) == len(set(names))
    aliases = [name.lower() for one in settings.watch for name in (one.name, *one.aliases)]
    assert len(aliases) == len(set(aliases))


def test_the_example_shows_defaults_and_changes_none() -> None:
    shown, default = load_settings(ROOT / "deploy/downdraft.example.toml"), load_settings(None)
    for section in ("store", "web", "policy", "poll", "detect", "learn", "review", "prune", "log"):
        assert getattr(shown, section) == getattr(default, section), section


@pytest.mark.parametrize(
    ("table", "names"), [("receivers", ["desk", "hook", "room"]), ("analysts", ["anna"])]
)
def test_what_is_commented_out_is_valid_too(tmp_path: Path, table: str, names: list[str]) -> None:
    text = (ROOT / "deploy/downdraft.example.toml").read_text(encoding="utf-8")
    start = text.index(f"# [[{table}]]")
    uncommented = re.sub(r"^# ?", "", text[start : text.index("# ----", start)], flags=re.MULTILINE)
    secret = tmp_path / "secret"
    secret.write_text("whsec_" + "QUJD" * 8)
    file = tmp_path / "tables.toml"
    file.write_text(re.sub(r'_file = "[^"]+"', f'_file = "{secret}"', uncommented))
    assert [one.name for one in getattr(load_settings(file), table)] == names


def test_the_owners_that_are_commented_out_own_outlets_of_this_file(tmp_path: Path) -> None:
    text = (ROOT / "deploy/downdraft.example.toml").read_text(encoding="utf-8")
    start = text.index("# [owners]")
    file = tmp_path / "owners.toml"
    file.write_text(text[start : text.index("# ----", start)].replace("# ", ""))
    ((owner, outlets),) = load_settings(file).owners.items()
    known = {feed.origin for feed in load_settings(ROOT / "deploy/downdraft.example.toml").feeds}
    assert owner == "Dow Jones"
    assert {"WSJ", "MarketWatch"} <= known.intersection(outlets)


def test_the_variables_that_compose_sets_are_a_valid_configuration(
    services: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in services["downdraft"]["environment"].items():
        monkeypatch.setenv(name, value)
    receiver = load_settings(ROOT / "deploy/downdraft.example.toml").receivers[0]
    assert receiver.kind == "email"
    assert (receiver.host, receiver.port, receiver.security) == ("mail", 1025, "none")


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    text = (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]
    return loaded


def test_compose_pins_limits_and_probes_every_service(services: dict[str, dict[str, Any]]) -> None:
    dockerfile = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    for name, service in services.items():
        assert re.search(r":v?\d+\.\d+", service["image"]), f"{name}: {service['image']}"
        assert service["mem_limit"], name
        assert service["cpus"], name
        assert service["restart"] == "unless-stopped", name
        assert "healthcheck" in service or ("build" in service and "HEALTHCHECK" in dockerfile)


def test_compose_opens_nothing_to_the_network(services: dict[str, dict[str, Any]]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 5
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_compose_mounts_only_what_is_there(services: dict[str, dict[str, Any]]) -> None:
    mounts = [m.split(":")[0] for s in services.values() for m in s.get("volumes", [])]
    files = [mount for mount in mounts if mount.startswith("./")]
    assert files
    assert all((ROOT / "deploy" / file).exists() for file in files)


def test_the_image_runs_as_nobody_in_particular_and_copies_what_is_there() -> None:
    lines = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8").splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1].split(":")[0] not in ("0", "root")
    sources = [w for line in lines if line.startswith("COPY ") for w in line.split()[1:-1]]
    ours = [source for source in sources if not source.startswith(("--from", "/"))]
    assert [source for source in ours if not (ROOT / source).exists()] == []


def test_the_image_carries_the_version_of_the_project(
    project: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    assert services["downdraft"]["image"] == f"downdraft:{project['version']}"
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{project['version']}]" in changelog
