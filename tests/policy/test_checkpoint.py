from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from policy.checkpoint import SHIPPED, Temperatures, describe, load, seal, verify
from policy.errors import CheckpointError
from policy.manifest import FALLBACK
from policy.train import Report

FILES = (
    "layers.safetensors",
    "embeddings.safetensors",
    "heads.safetensors",
    "tokenizer.json",
    "encoder.json",
    "labels.json",
    "card.md",
)


def test_a_checkpoint_holds_what_it_says_and_nothing_else(checkpoint: Path) -> None:
    assert {each.name for each in checkpoint.iterdir()} == {*FILES, "manifest.json"}
    assert set(describe(checkpoint).files) == set(FILES)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_missing_file_is_named(checkpoint: Path, name: str) -> None:
    (checkpoint / name).unlink()
    with pytest.raises(CheckpointError, match=f"{name}: missing") as caught:
        load(checkpoint)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", FILES)
def test_a_single_altered_byte_is_noticed(checkpoint: Path, name: str) -> None:
    content = bytearray((checkpoint / name).read_bytes())
    content[-1] ^= 1
    (checkpoint / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=f"{name}: altered"):
        load(checkpoint)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"id": 3}', "\x00"])
def test_a_broken_manifest_gets_one_line(checkpoint: Path, content: str) -> None:
    (checkpoint / "manifest.json").write_text(content)
    with pytest.raises(CheckpointError, match=r"manifest\.json"):
        load(checkpoint)


def test_an_invented_id_is_refused(checkpoint: Path) -> None:
    manifest = json.loads((checkpoint / "manifest.json").read_text())
    (checkpoint / "manifest.json").write_text(json.dumps(manifest | {"id": "0" * 12}))
    with pytest.raises(CheckpointError, match="id is not of its files"):
        verify(checkpoint)


def test_embeddings_are_the_bases_own_in_half_precision(checkpoint: Path, tiny_bert: Path) -> None:
    ours = load_file(checkpoint / "embeddings.safetensors")
    base = load_file(tiny_bert / "model.safetensors")
    assert ours
    for name, weights in ours.items():
        assert weights.equal(base[name.removeprefix("bert.")].half())


def test_every_file_may_be_read_by_everyone(checkpoint: Path) -> None:
    modes = {stat.S_IMODE((checkpoint / name).stat().st_mode) for name in FILES}
    assert modes == {0o644}


def test_the_id_is_of_the_weights_and_not_of_the_prose(report: Report, checkpoint: Path) -> None:
    assert load(checkpoint).description.id == report.checkpoint.id
    assert len(report.checkpoint.id) == 12


def test_the_card_says_what_a_reader_needs(checkpoint: Path) -> None:
    card = (checkpoint / "card.md").read_text(encoding="utf-8")
    for words in ("Apache-2.0" if checkpoint == SHIPPED else "licence", "Limits", "Rebuild"):
        assert words in card
    assert "downdraft train LABELLED/*.csv --out" in card


def test_the_manifest_names_the_libraries_that_made_it(checkpoint: Path) -> None:
    known = describe(checkpoint).libraries
    assert set(known) == {"torch", "transformers", "tokenizers", "safetensors"}
    assert known["torch"].startswith(torch.__version__.partition("+")[0])


def test_a_checkpoint_from_before_libraries_were_named_is_still_read(checkpoint: Path) -> None:
    manifest = json.loads((checkpoint / "manifest.json").read_text())
    del manifest["libraries"]
    (checkpoint / "manifest.json").write_text(json.dumps(manifest))
    assert load(checkpoint).description.libraries == {}


def test_an_older_checkpoint_asks_about_targets_at_the_temperature_of_headlines(
    checkpoint: Path, report: Report
) -> None:
    labels = json.loads((checkpoint / "labels.json").read_text(encoding="utf-8"))
    labels["temperature"] = {"topic": 1.25, "sentiment": 1.5}
    (checkpoint / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    known = report.checkpoint
    seal(checkpoint, encoder=known.encoder, created_by="", data={}, metrics={})
    assert load(checkpoint).temperatures == Temperatures(1.25, 1.5, 1.5)


def test_a_linear_policys_directory_is_not_loaded_as_a_network() -> None:
    with pytest.raises(CheckpointError, match="has no network"):
        load(FALLBACK)
