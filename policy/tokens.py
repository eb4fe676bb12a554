"""Text pairs to padded token batches, through the tokenizer's own pair encoding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from policy.data import clean

MAX_TOKENS = 128
NAMES = ("input_ids", "attention_mask", "token_type_ids")
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
        asked = laid_out(encodings, -(-longest // multiple) * multiple, self.pad_id)
        names = NAMES if self.typed else NAMES[:2]
        return dict(zip(names, torch.from_numpy(asked), strict=False))


def laid_out(encodings: Sequence[Encoding], width: int, pad_id: int) -> NDArray[np.int64]:
    """(3, B, width) words, mask and kinds of texts; quickest where equal lengths lie together."""
    asked = np.zeros((3, len(encodings), width), dtype=np.int64)
    asked[0] = pad_id
    start = 0
    for length, group in groupby(encodings, key=len):
        alike = list(group)
        part = slice(start, start + len(alike))
        asked[0, part, :length] = [each.ids for each in alike]
        asked[1, part, :length] = 1
        asked[2, part, :length] = [each.type_ids for each in alike]
        start = part.stop
    return asked


def prepare(tokenizer: Tokenizer, pad_id: int, typed: bool) -> Tokens:
    """`tokenizer` set to cut the headline, never the target, and to leave padding to us."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_first")
    return Tokens(tokenizer, pad_id, typed)
