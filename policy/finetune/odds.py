"""What a policy says of rows, as learners want it: calibrated log-odds of each head."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from policy.batches import Rows
from policy.checkpoint import Temperatures
from policy.model import Logits, TwoHeads
from policy.trainer import pool_rows
from policy.verdicts import Head

Odds = dict[Head, Tensor]  # (N, K) a head; softmax of it is what the policy says


def calibrated(logits: Logits, targeted: Tensor, temperatures: Temperatures) -> Odds:
    """Logits over their temperatures; `targeted` (N,) are the rows that ask about a target."""
    aimed, plain = temperatures.sentiment_target, temperatures.sentiment
    divisor = torch.where(targeted, aimed, plain).to(logits.sentiment)
    return {
        "topic": logits.topic.float() / temperatures.topic,
        "sentiment": logits.sentiment.float() / divisor[:, None],
    }


@torch.no_grad()
def states_of(model: TwoHeads, rows: Rows, device: torch.device) -> Tensor:
    """(N, D), pooled, on the processor: what comes after the encoder is small."""
    return pool_rows(model, rows, device).cpu()


@torch.no_grad()
def odds_of(model: TwoHeads, rows: Rows, temperatures: Temperatures, device: torch.device) -> Odds:
    """The whole of `rows`, without a gradient."""
    logits = model.answer(pool_rows(model, rows, device))
    targeted = torch.from_numpy(rows.targeted).to(device)
    said = calibrated(logits, targeted, temperatures)
    return {head: each.cpu() for head, each in said.items()}


def log_chances(odds: Odds) -> Odds:
    """Log-probabilities: the reference that a policy is held to."""
    return {head: each.log_softmax(-1) for head, each in odds.items()}


@contextmanager
def attention_written_out() -> Iterator[None]:
    """On a processor the backward pass of fused attention takes half of a step."""
    with sdpa_kernel(SDPBackend.MATH):
        yield
