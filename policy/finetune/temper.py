"""The temperatures after learning: fitted to verdicts that were kept aside, where there are enough.

By the verdicts' likelihood, not by the truths that some of them name: confirmations and
corrections alone are a choice of what the policy got right, and make it look surer than it may be.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from torch import Tensor

from policy.checkpoint import Temperatures
from policy.finetune.judged import Judged
from policy.finetune.odds import Odds
from policy.finetune.panels import Panels
from policy.learners.evidence import log_evidence
from policy.verdicts import Head

_ENOUGH = 200  # verdicts
_LIMIT = float(np.log(4.0))  # of the change


def refit(before: Temperatures, odds: Odds, aside: Judged, panels: Panels) -> Temperatures:
    """The likeliest temperatures for `odds` at those `before`; never less likely than them."""
    aimed = aside.rows.targeted

    def factor(head: Head, rows: np.ndarray) -> float:
        if head not in aside.feedback:
            return 1.0
        about = np.flatnonzero(rows[aside.row[head]])
        if len(about) < _ENOUGH:
            return 1.0
        feedback = aside.feedback[head].take(torch.from_numpy(about))
        said = odds[head][torch.from_numpy(aside.row[head][about])]
        return _likeliest(said, log_evidence(feedback, panels[head]))

    return Temperatures(
        topic=round(before.topic * factor("topic", np.ones_like(aimed)), 4),
        sentiment=round(before.sentiment * factor("sentiment", ~aimed), 4),
        sentiment_target=round(before.sentiment_target * factor("sentiment", aimed), 4),
    )


def _likeliest(odds: Tensor, evidence: Tensor) -> float:
    """The divisor of log-odds (N, K) under which the verdicts are likeliest; 1 if none is more."""

    def loss(log_factor: float) -> float:
        said = (odds / float(np.exp(log_factor))).log_softmax(-1)
        return -float(torch.logsumexp(said + evidence, -1).mean())

    best = minimize_scalar(loss, bounds=(-_LIMIT, _LIMIT), method="bounded")
    return float(np.exp(best.x)) if best.fun < loss(0.0) else 1.0
