"""Text pairs to padded token batches, through the tokenizer's own pair encoding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer

from policy.data import clean

MAX_TOKENS = 128
_TARGET_CHARACTERS = 80  # a target is a name; leaves most of the tokens to the headline


@dataclass(frozen=True, slots=True)
class Tokens:
    """A fast tokenizer and what its encoder wants to be fed."""

    tokenizer: Tokenizer  # truncates to MAX_TOKENS, does not pad
    pad_id: int
    typed: bool  # the encoder reads token_type_ids (BERT does, RoBERTa and MPNet do not)

    def encode(self, texts: Sequence[str], targets: Sequence[str]) -> list[Encoding]:
        """One encoding a text: `[CLS] text [SEP] target [SEP]`, or without a target `text`."""
        pairs = [
            (clean(text), clean(target)[:_TARGET_CHARACTERS]) if target else clean(text)
            for text, target in zip(texts, targets, strict=True)
        ]
        return self.tokenizer.encode_batch_fast(pairs)

    def encode_in_place(self, text: str, target: str) -> Encoding:
        """The same for one text, with each token's offsets in the cleaned text: slower."""
        pair = clean(target)[:_TARGET_CHARACTERS] if target else None
        return self.tokenizer.encode(clean(text), pair)

    def pad(self, encodings: Sequence[Encoding], multiple: int = 8) -> dict[str, torch.Tensor]:
        """Model inputs of shape (B, T), T the longest of the batch rounded up to `multiple`."""
        longest = max(len(each) for each in encodings)
        width = -(-longest // multiple) * multiple
        ids = np.full((len(encodings), width), self.pad_id, dtype=np.int64)
        mask = np.zeros_like(ids)
        types = np.zeros_like(ids)
        for row, each in enumerate(encodings):
            ids[row, : len(each)] = each.ids
            mask[row, : len(each)] = 1
            if self.typed:
                types[row, : len(each)] = each.type_ids
        batch = {"input_ids": ids, "attention_mask": mask}
        if self.typed:
            batch["token_type_ids"] = types
        return {name: torch.from_numpy(array) for name, array in batch.items()}


def prepare(tokenizer: Tokenizer, pad_id: int, typed: bool) -> Tokens:
    """`tokenizer` set to cut the headline, never the target, and to leave padding to us."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_first")
    return Tokens(tokenizer, pad_id, typed)
