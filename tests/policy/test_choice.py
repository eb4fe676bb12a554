from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from policy.checkpoint import load, save, seal
from policy.labeller import Labeller
from policy.types import SENTIMENTS

TEXTS = ["halvorsen soars after profit", "norcast plunges on oil", "orbena holds dividend"]


def test_the_tuned_policy_chooses_the_label_and_leaves_the_probabilities(checkpoint: Path) -> None:
    before = Labeller.load(checkpoint, "cpu").label(TEXTS)
    loaded = load(checkpoint)
    with torch.no_grad():
        bias = loaded.model.choices.get_parameter("sentiment.bias")
        bias[SENTIMENTS.index("negative")] += 100
    config = _encoder(checkpoint)
    save(checkpoint, loaded.model, loaded.tokens, config, loaded.temperatures)
    seal(checkpoint, encoder="tiny", created_by="a test", data={}, metrics={})
    after = Labeller.load(checkpoint, "cpu").label(TEXTS)
    assert [each.sentiment for each in after] == ["negative"] * 3
    assert [each.topic for each in after] == [each.topic for each in before]
    for one, other in zip(after, before, strict=True):
        assert one.sentiment_probabilities == pytest.approx(other.sentiment_probabilities)


def _encoder(checkpoint: Path) -> dict[str, object]:
    settings: dict[str, object] = json.loads((checkpoint / "encoder.json").read_text())
    return settings


def test_a_checkpoint_that_was_never_tuned_chooses_the_likeliest(checkpoint: Path) -> None:
    loaded = load(checkpoint)
    file = checkpoint / "heads.safetensors"
    save_file(dict(loaded.model.heads.state_dict()), file)
    seal(checkpoint, encoder="tiny", created_by="a test", data={}, metrics={})
    for each in Labeller.load(checkpoint, "cpu").label(TEXTS):
        likeliest = max(each.sentiment_probabilities)
        assert each.sentiment_probabilities[SENTIMENTS.index(each.sentiment)] == likeliest
