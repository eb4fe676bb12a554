"""Labels that nobody has confirmed yet are tried, so that none stays unknown for ever.

A label that the warm start has hardly seen is never the likeliest, is therefore never shown, and
so never learned: of 20 topics and 300 headlines up to four were lost for good. Each label has a
share of the headlines in which it is shown at least, those that look most like it. The share falls
with each confirmation and, more slowly, with each time that it was shown in vain: a rare label is
rare. Optimism as in upper confidence bounds (Auer, Cesa-Bianchi and Fischer 2002), but free of
scale. It touches the label shown in review, nothing else.
"""

from __future__ import annotations

import torch
from torch import Tensor

SHARE = 0.15  # of the headlines, for a label of which nothing is known
_IN_VAIN = 10  # times shown that count as a confirmation


def bonus(logits: Tensor, confirmed: Tensor, shown: Tensor, draw: torch.Generator) -> Tensor:
    """What is to be added to logits (n, K) of headlines: (K,), 0 for labels shown often enough.

    `confirmed` and `shown` (K,) count the past. Shares of few headlines are rounded by chance.
    """
    wanted = len(logits) * SHARE / (1 + confirmed + shown / _IN_VAIN)
    counts = (wanted + torch.rand(len(wanted), generator=draw)).long().clamp_max(len(logits))
    best = logits.topk(2, dim=1).values
    rival = torch.where(logits == best[:, :1], best[:, 1:], best[:, :1])
    margins = (logits - rival).sort(dim=0, descending=True).values  # (n, K), the likest first
    last = margins.gather(0, (counts - 1).clamp_min(0)[None]).squeeze(0)
    return torch.where((counts > 0) & (last < 0), 1e-4 - last, 0.0)
