"""On a GPU: the same labels in half precision, from graphs that are captured once a shape."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from policy.captured import Captured, shape_for, staged
from policy.checkpoint import Loaded, load
from policy.data import Example
from policy.labeller import Labeller
from policy.train import Report

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU here")


@pytest.fixture(scope="module")
def loaded(report: Report) -> Loaded:
    return load(report.path)


@pytest.mark.parametrize(
    ("texts", "length", "shape"),
    [(1, 2, (1, 16)), (3, 16, (4, 16)), (4, 17, (4, 32)), (2_731, 24, (4_096, 32))],
)
def test_batches_are_filled_up_to_few_shapes(
    texts: int, length: int, shape: tuple[int, int]
) -> None:
    assert shape_for(texts, length) == shape


def test_what_is_staged_is_what_is_padded_and_rows_without_a_text_read_one_token(
    loaded: Loaded,
) -> None:
    texts = ["oil", "profit soars", "crude", "dividend plunges on monday report"]
    encodings = sorted(loaded.tokens.encode(texts, ["", "halvorsen", "", ""]), key=len)
    asked = staged(encodings, 8, 16, loaded.tokens.pad_id)
    padded = loaded.tokens.pad(encodings, multiple=16)
    for row, name in enumerate(("input_ids", "attention_mask", "token_type_ids")):
        np.testing.assert_array_equal(asked[row, :4], padded[name].numpy())
    assert asked[1, 4:].sum(axis=1).tolist() == [1] * 4


@needs_gpu
def test_a_gpu_answers_what_the_plain_network_does_in_fp32(
    report: Report, loaded: Loaded, make_headlines: Callable[..., list[Example]]
) -> None:
    texts = sorted({each.text for each in make_headlines(700, seed=3)}, key=len)
    quick, tokens, cooled = Labeller.load(report.path, "cuda"), loaded.tokens, loaded.temperatures
    assert quick.tier == "gpu"
    padded = tokens.pad(tokens.encode(texts, [""] * len(texts)))
    with torch.inference_mode():
        plain = loaded.model.cpu()(padded)
    wanted = torch.softmax(plain.topic / cooled.topic, -1).numpy()
    said = [each.topic_probabilities for each in quick.label(texts)]
    np.testing.assert_allclose(said, wanted, atol=0.02)


@needs_gpu
def test_a_shape_is_captured_once_and_its_answers_do_not_mix(loaded: Loaded) -> None:
    device = torch.device("cuda")
    captured = Captured(loaded.model.to(device), device, loaded.tokens.pad_id)
    first, second = (loaded.tokens.encode([text], [""]) for text in ("oil sinks", "profit soars"))
    before = captured.answer(first)
    after = captured.answer(second)
    assert not torch.equal(before.topic, after.topic)
    assert torch.equal(captured.answer(first).topic, before.topic)
    assert len(captured._graphs) == 1


@needs_gpu
def test_what_overflows_half_precision_is_answered_in_fp32(loaded: Loaded) -> None:
    device = torch.device("cuda")
    captured = Captured(loaded.model.to(device), device, loaded.tokens.pad_id)
    encodings = loaded.tokens.encode(["oil sinks"], [""])
    right = captured.answer(encodings)
    broken = Captured(loaded.model, device, loaded.tokens.pad_id)
    broken._quick.encoder.get_input_embeddings().weight.data.fill_(torch.inf)
    np.testing.assert_allclose(broken.answer(encodings).topic, right.topic, atol=0.05)
