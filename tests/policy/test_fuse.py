from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Encoding
from torch import Tensor

from policy.bert import Bert, shape_of
from policy.encoder import Base, load_base
from policy.fuse import FusedLinear, SlopedLinear, fuse, slope
from policy.model import bfloat16_is_fast, mean_pool
from policy.pack import Packed, packs, portions, rows_for

fast = pytest.mark.skipif(
    not bfloat16_is_fast(torch.device("cpu")), reason="needs a processor with bf16"
)
TEXTS = ["oil sinks", "norcast soars", "oil sinks again , crude", "brightwater", "", "oil"]
TARGETS = ["", "", "oil", "norcast", "", "tellumar"]


@fast
@torch.inference_mode()
def test_fused_layers_answer_what_the_plain_ones_do(tiny_bert: Path) -> None:
    base = load_base(str(tiny_bert))
    inputs = base.tokens.pad(base.tokens.encode(["oil sinks again", "norcast soars"], ["", "oil"]))
    encoder = base.encoder.eval()
    plain = encoder(**inputs).last_hidden_state
    fuse(encoder.to(torch.bfloat16))
    fused = encoder(**inputs).last_hidden_state.float()
    assert sum(isinstance(each, FusedLinear) for each in encoder.modules()) == 2 * 6
    torch.testing.assert_close(fused, plain, atol=0.06, rtol=0.0)


@fast
@torch.inference_mode()
def test_a_fused_layer_adds_the_other_operand() -> None:
    torch.manual_seed(0)
    layer = torch.nn.Linear(64, 96, dtype=torch.bfloat16)
    inputs, other = torch.randn(32, 64).bfloat16(), torch.randn(32, 96).bfloat16()
    wanted = inputs.float() @ layer.weight.float().T + layer.bias.float() + other.float()
    said = FusedLinear(layer).plus(inputs, other)
    torch.testing.assert_close(said.float(), wanted, atol=0.02, rtol=0.01)


@fast
def test_quick_slopes_are_those_of_the_plain_layer_and_answers_without_them_are_exact() -> None:
    torch.manual_seed(0)
    plain = torch.nn.Linear(64, 96).requires_grad_(False)
    inputs, pull = torch.randn(3, 11, 64, requires_grad=True), torch.randn(3, 11, 96)
    sloped = SlopedLinear(plain)
    (wanted,) = torch.autograd.grad((plain(inputs) * pull).sum(), inputs)
    said = sloped(inputs)
    torch.testing.assert_close(said, plain(inputs), atol=0.02, rtol=0.01)
    (found,) = torch.autograd.grad((said * pull).sum(), inputs)
    assert not found.equal(wanted)  # else nothing was gained
    torch.testing.assert_close(found, wanted, atol=0.05, rtol=0.01)
    with torch.no_grad():
        assert sloped(inputs).equal(plain(inputs))


@fast
def test_an_encoder_made_quick_to_slope_keeps_its_answers(base: Base) -> None:
    inputs = base.tokens.pad(_sorted(base))
    with torch.no_grad():
        before = base.encoder(**inputs).last_hidden_state
        slope(base.encoder)
        assert base.encoder(**inputs).last_hidden_state.equal(before)
    assert sum(isinstance(each, SlopedLinear) for each in base.encoder.modules()) == 2 * 6


@pytest.fixture
def base(tiny_bert: Path) -> Base:
    """The tiny encoder with biases and norms that matter, as training leaves them."""
    loaded = load_base(str(tiny_bert))
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, weights in loaded.encoder.named_parameters():
            if name.endswith("bias") or "LayerNorm" in name:
                weights += 0.3 * torch.randn(weights.shape, generator=draw)
    loaded.encoder.eval()
    return loaded


def _sorted(base: Base) -> list[Encoding]:
    return sorted(base.tokens.encode(TEXTS, TARGETS), key=len)


@torch.inference_mode()
def _plain(base: Base, encodings: Sequence[Encoding]) -> Tensor:
    inputs = base.tokens.pad(encodings)
    return mean_pool(base.encoder(**inputs).last_hidden_state, inputs["attention_mask"])


def _packed(base: Base) -> Packed:
    shape = shape_of(base.config)
    assert shape is not None
    return Packed(Bert.of(shape, base.encoder.state_dict()))


@fast
@torch.inference_mode()
def test_packed_rows_answer_what_the_plain_encoder_does(base: Base) -> None:
    encodings = _sorted(base)
    assert len({len(each) for each in encodings}) > 2
    said = _packed(base).pool(encodings)
    torch.testing.assert_close(said, _plain(base, encodings), atol=0.03, rtol=0.0)


@fast
@torch.inference_mode()
def test_packed_rows_answer_alone_as_in_company(base: Base) -> None:
    encodings, packed = _sorted(base), _packed(base)
    together = packed.pool(encodings)
    for each, row in zip(encodings, together, strict=True):
        torch.testing.assert_close(packed.pool([each])[0], row, atol=0.01, rtol=0.0)


@fast
@torch.inference_mode()
def test_scores_beyond_the_range_of_exp_are_survived(base: Base) -> None:
    """Every text has a best word by 500 and more: attention is all or nothing."""
    first: Any = base.encoder.encoder.layer[0].attention.self
    first.query.weight *= 100
    first.key.weight *= 100
    encodings = _sorted(base)
    said = _packed(base).pool(encodings)
    assert torch.isfinite(said).all()
    torch.testing.assert_close(said, _plain(base, encodings), atol=0.3, rtol=0.0)


def test_packs_hold_every_row_once_and_no_more_tokens_than_the_budget() -> None:
    lengths = np.random.default_rng(0).integers(2, 128, size=1_000)
    parts = list(packs(lengths, 1_024))
    assert sorted(np.concatenate(parts).tolist()) == list(range(1_000))
    assert all(lengths[part].sum() <= 1_024 for part in parts)
    assert all(np.all(np.diff(lengths[part]) >= 0) for part in parts)
    assert len(parts) < 1.1 * lengths.sum() / 1_024
    assert [len(part) for part in packs(np.array([5_000, 5_000]), 1_024)] == [1, 1]
    assert list(packs(np.array([], dtype=np.int64), 1_024)) == []


def test_row_counts_are_few_and_large_enough() -> None:
    counts = {rows_for(tokens) for tokens in range(1, 2_049)}
    assert sorted(counts) == [32, 64, 128, 256, 512, 1_024, 2_048]
    assert all(rows_for(tokens) >= tokens for tokens in range(1, 5_000))


def test_the_texts_that_attend_at_once_have_few_counts_and_leave_none_out() -> None:
    parts = {texts: portions(texts, 99) for texts in range(1, 1_025)}
    assert all(sum(found) == texts for texts, found in parts.items())
    assert len({count for found in parts.values() for count in found}) == 7 + 1
    assert parts[99] == [99]  # a batch of one length, as most are, stays whole
    assert len(parts[15]) == 4


@fast
@torch.inference_mode()
def test_the_more_is_labelled_the_fewer_products_are_new(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """oneDNN keeps a plan for each shape: were they many, a daemon would grow for days."""
    packed, shapes, multiply = _packed(base), set(), torch.bmm

    def bmm(one: Tensor, other: Tensor, **out: Tensor) -> Tensor:
        shapes.add((*one.shape, other.shape[2]))
        return multiply(one, other, **out)

    monkeypatch.setattr(torch, "bmm", bmm)
    draw = np.random.default_rng(0)
    for _ in range(100):
        counts = draw.integers(1, 60, size=4)
        packed.pool([each for words, n in enumerate(counts) for each in _alike(base, words, n)])
    assert len(shapes) <= 2 * 4 * 7  # two products, lengths, counts


def _alike(base: Base, words: int, texts: int) -> list[Encoding]:
    return base.tokens.encode([" ".join(["oil"] * words)] * texts, [""] * texts)
