"""A policy for a learner whose model is not one: the best on a leash, distilled.

`reward_model` fits r_φ(x, a) to rewards alone, on the states of the policy that is served. What
maximises E[r_φ] − β·KL(π ‖ π_ref) is π* ∝ π_ref·exp(r_φ/β) (policy/learners/improvement.py), which
the whole network then imitates on the rows that were judged.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from policy.finetune.judged import Judged
from policy.finetune.odds import Odds
from policy.finetune.panels import Panels
from policy.learners import linear
from policy.learners.evidence import weighted
from policy.learners.improvement import improved, kl
from policy.learners.types import Feedback, Learner, Panel
from policy.learners.verdict_likelihood import VerdictLikelihood

BETA = 0.1  # nats of divergence that a reward of 1 is worth


@dataclass(frozen=True, slots=True)
class Imitate(VerdictLikelihood):
    """KL(aim ‖ π) on judged rows: `reference` is the policy to be like, verdicts weigh it."""

    def loss(self, logits: Tensor, feedback: Feedback, panel: Panel, reference: Tensor) -> Tensor:
        return weighted(kl(reference, logits.log_softmax(-1)), feedback)


def aims(learner: Learner, judged: Judged, states: Tensor, reference: Odds, panels: Panels) -> Odds:
    """log π* of the judged rows (R, K), from their states (R, D) and log π_ref."""
    answer: Odds = dict(reference)
    for head, feedback in judged.feedback.items():
        row = torch.from_numpy(judged.row[head])
        before = reference[head]
        start = linear.Head.zero(before.shape[1], states.shape[1])
        seen, chances = states[row], before[row]
        fitted = linear.fit(learner, seen, feedback, panels[head], None, start, reference=chances)
        with torch.no_grad():
            rewards = learner.values(fitted.logits(states))
            answer[head] = improved(before, rewards, BETA)
    return answer
