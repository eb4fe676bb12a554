"""What learning came to, on rows that it was kept from: verdicts aside, anchors, headlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from policy.batches import UNKNOWN, Rows
from policy.checkpoint import Temperatures
from policy.finetune.judged import Judged
from policy.finetune.leash import divergence, entropy
from policy.finetune.odds import Odds, odds_of
from policy.finetune.panels import Panels
from policy.learners.evidence import log_evidence
from policy.model import TwoHeads
from policy.verdicts import LABELS, Head


def heard(odds: Odds, judged: Judged, panels: Panels) -> dict[Head, Tensor]:
    """log P(verdict | x) of each verdict (N_h,), under what the policy says and the analysts are.

    `odds` are of the rows of `judged`. LEARNING §3a, whatever learner is at work.
    """
    answer: dict[Head, Tensor] = {}
    for head, feedback in judged.feedback.items():
        if len(feedback):
            said = odds[head].log_softmax(-1)[torch.from_numpy(judged.row[head])]
            answer[head] = torch.logsumexp(said + log_evidence(feedback, panels[head]), -1)
    return answer


@dataclass(frozen=True, slots=True)
class Yardstick:
    """The same rows, analysts and reference for every policy that is measured."""

    aside: Judged
    panels: Panels  # by the beliefs before learning: one measure for all epochs
    watched: Rows  # anchors, then headlines
    unjudged: slice  # of them: the headlines, on which the divergence is measured
    reference: Odds  # log-probabilities of the rows watched, before learning
    temperatures: Temperatures
    device: torch.device

    def look(self, model: TwoHeads) -> dict[str, Any]:
        """An epoch's figures; "score" is the mean log-likelihood of the verdicts kept aside."""
        return self.figures(
            odds_of(model, self.aside.rows, self.temperatures, self.device),
            odds_of(model, self.watched, self.temperatures, self.device),
        )

    def figures(self, aside: Odds, watched: Odds) -> dict[str, Any]:
        likely = heard(aside, self.aside, self.panels)
        every = torch.cat(list(likely.values()))
        kl = self.moved(watched)
        return {
            "score": every.mean().item(),
            "audit": {head: each.mean().item() for head, each in likely.items()},
            "kl": kl | {"both": sum(kl.values())},
            "entropy": {head: entropy(each).mean().item() for head, each in watched.items()},
            "share": {head: _shares(head, each) for head, each in watched.items()},
        }

    def moved(self, watched: Odds) -> dict[Head, float]:
        """Mean divergence from the policy before learning, in nats."""
        apart = divergence(self.reference, watched)
        return {head: each[self.unjudged].mean().item() for head, each in apart.items()}

    def forgetting(self, watched: Odds) -> dict[str, dict[str, float]]:
        """Of the anchors watched: right before and after, and the part that turned wrong."""
        truth = {"topic": self.watched.topics, "sentiment": self.watched.sentiments}
        answer: dict[str, dict[str, float]] = {}
        for head, each in watched.items():
            known = truth[head] != UNKNOWN
            if known.any():
                before, after = (
                    (odds.argmax(-1).numpy() == truth[head])[known]
                    for odds in (self.reference[head], each)
                )
                answer[head] = {
                    "rows": int(known.sum()),
                    "before": round(float(before.mean()), 4),
                    "after": round(float(after.mean()), 4),
                    "negative_flips": round(float(np.mean(before & ~after)), 4),
                }
        return answer


def _shares(head: Head, odds: Tensor) -> Mapping[str, float]:
    """The part of the rows that is given each label: a policy that leans to one shows here."""
    labels = LABELS[head]
    counts = torch.bincount(odds.argmax(-1), minlength=len(labels))
    return dict(zip(labels, (counts / len(odds)).tolist(), strict=True))
