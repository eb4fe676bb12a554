"""What a cluster is given: one daemon, little that it may do, probes that mean something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.config import load_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def objects() -> dict[str, dict[str, Any]]:
    """By kind; there is one of each."""
    text = (ROOT / "deploy/kubernetes.yaml").read_text(encoding="utf-8")
    found = [one for one in yaml.safe_load_all(text) if one]
    by_kind = {one["kind"]: one for one in found}
    assert len(by_kind) == len(found)
    return by_kind


@pytest.fixture(scope="module")
def pod(objects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = objects["Deployment"]["spec"]["template"]["spec"]
    return found


@pytest.fixture(scope="module")
def container(pod: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod["containers"]
    found: dict[str, Any] = only
    return found


def test_there_is_one_daemon_and_never_two_on_one_volume(objects: dict[str, Any]) -> None:
    spec = objects["Deployment"]["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})
    assert objects["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_the_service_finds_the_pods_and_opens_nothing_to_the_network(
    objects: dict[str, Any], container: dict[str, Any]
) -> None:
    spec, template = objects["Service"]["spec"], objects["Deployment"]["spec"]["template"]
    assert spec["type"] == "ClusterIP"
    labels = template["metadata"]["labels"] if "metadata" in template else {}
    assert spec["selector"].items() <= labels.items()
    assert objects["Deployment"]["spec"]["selector"]["matchLabels"].items() <= labels.items()
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert [port["targetPort"] for port in spec["ports"]] == ["http"]
    assert ports == {"http": load_settings(None).web.port}


def test_the_daemon_is_nobody_in_particular_and_writes_where_volumes_are(
    pod: dict[str, Any], container: dict[str, Any]
) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    image_user = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    assert f"USER {pod['securityContext']['runAsUser']}:" in image_user
    assert pod["automountServiceAccountToken"] is False
    rights = container["securityContext"]
    assert rights["readOnlyRootFilesystem"] is True
    assert rights["allowPrivilegeEscalation"] is False
    assert rights["capabilities"] == {"drop": ["ALL"]}
    writable = {m["mountPath"] for m in container["volumeMounts"] if not m.get("readOnly")}
    assert writable == {"/data", "/tmp"}
    assert {m["name"] for m in container["volumeMounts"]} == {v["name"] for v in pod["volumes"]}


def test_kubernetes_sets_no_variables_that_the_daemon_would_refuse(pod: dict[str, Any]) -> None:
    """A Service called downdraft would give DOWNDRAFT_PORT and the like to every pod."""
    assert pod["enableServiceLinks"] is False


def test_liveness_asks_whether_jobs_go_on_and_readiness_whether_they_succeed(
    container: dict[str, Any],
) -> None:
    probes = {name: container[f"{name}Probe"] for name in ("startup", "liveness", "readiness")}
    paths = {name: probe["httpGet"]["path"] for name, probe in probes.items()}
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    assert {probe["httpGet"]["port"] for probe in probes.values()} == {"http"}
    start = probes["startup"]["periodSeconds"] * probes["startup"]["failureThreshold"]
    assert start >= 300  # migrations and the checkpoint


def test_what_it_may_use_is_bounded_and_room_for_learning_is_there(
    container: dict[str, Any],
) -> None:
    limits = container["resources"]["limits"]
    assert set(limits) == {"cpu", "memory"}
    assert int(limits["memory"].removesuffix("Gi")) >= 4
    assert container["resources"]["requests"].keys() == limits.keys()


def test_the_image_is_the_one_that_compose_builds(container: dict[str, Any]) -> None:
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))
    assert container["image"] == compose["services"]["downdraft"]["image"]


def test_the_configuration_is_valid_and_its_secrets_are_files_of_the_secret(
    objects: dict[str, Any], pod: dict[str, Any], container: dict[str, Any], tmp_path: Path
) -> None:
    assert "Secret" not in objects  # none belongs into a file that is shared
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes["secrets"]["secret"]["secretName"] == "downdraft"
    text = objects["ConfigMap"]["data"]["downdraft.toml"]
    for name in ("smtp-password", "anna-token"):
        assert text.count(f'_file = "{mounts["secrets"]}/{name}"') == 1
        (tmp_path / name).write_text("twenty-odd-letters-or-so")
    file = tmp_path / "downdraft.toml"
    file.write_text(text.replace(mounts["secrets"], str(tmp_path)))
    settings = load_settings(file)
    assert [one.name for one in (*settings.receivers, *settings.analysts)] == ["desk", "anna"]
    command = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    assert f'"--config", "{mounts["config"]}/downdraft.toml"' in command
