"""A tiny random BERT with a tokenizer of its own, and headlines that it can learn."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordPiece
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from policy.data import Example
from policy.settings import Settings

torch.set_num_threads(1)  # the networks are tiny: threads would wait for each other, not work
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
NAMES = ("halvorsen", "brightwater", "norcast", "tellumar", "quayside", "orbena")
MOODS = {
    "negative": ("plunges", "collapses", "sinks", "tumbles"),
    "neutral": ("meets", "holds", "schedules", "publishes"),
    "positive": ("soars", "rallies", "climbs", "surges"),
}
SUBJECTS = {
    "Energy | Oil": ("oil", "crude", "refinery"),
    "Earnings": ("profit", "revenue", "quarter"),
    "Dividend": ("dividend", "payout", "yield"),
}
_FILLER = ("after", "as", "on", "amid", "again", "week", "monday", "report", "talks", "plan", ",")


def _tokenizer() -> Tokenizer:
    words = [*_SPECIAL, *NAMES, *_FILLER]
    for group in (*MOODS.values(), *SUBJECTS.values()):
        words += group
    tokenizer = Tokenizer(WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def write_bert(folder: Path) -> None:
    """A directory as Hugging Face lays it out: 2 layers, hidden 32, random weights."""
    tokenizer = _tokenizer()
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config).save_pretrained(folder)


def headlines(
    count: int, seed: int = 0, moods: Mapping[str, Sequence[str]] = MOODS
) -> list[Example]:
    """Headlines whose verb gives the sentiment and whose noun the topic, in several shapes."""
    draw = random.Random(seed)
    rows = []
    for index in range(count):
        mood, topic = draw.choice(list(moods)), draw.choice(list(SUBJECTS))
        name, filler = draw.choice(NAMES), draw.choices(_FILLER, k=1)
        words = [name, draw.choice(moods[mood]), *filler, draw.choice(SUBJECTS[topic])]
        text = " ".join(words)
        shape = index % 3
        rows.append(
            Example(text, topic=topic)
            if shape == 0
            else Example(text, target=name if shape == 2 else "", sentiment=mood)
        )
    return rows


def quick(encoder: Path, **changes: Any) -> Settings:
    """Settings under which a tiny encoder learns the headlines in seconds."""
    usual = {
        "seed": 0,
        "epochs": 5,
        "batch": 16,
        "patience": 5,
        "layers_rate": 3e-3,
        "heads_rate": 1e-2,
        "contrast": 0,
        "fold_epochs": 2,
    }
    return Settings(str(encoder), **(usual | changes))
