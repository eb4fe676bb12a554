"""How a policy is taught by verdicts: all that decides the outcome besides what it is taught."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FinetuneSettings:
    """Start values of LEARNING §3; `policy/finetune/loop.py` says what each weighs."""

    seed: int = 0
    learner: str = "verdict_likelihood"  # one of policy.learners.registry
    improve: bool = False  # verdict_likelihood only: imitates π* of §3b, by the parent's beliefs
    memory: int = 5_000  # newest verdicts learned from; what is older weighs little by then
    epochs: int = 3
    patience: int = 2  # epochs without a likelier audit before learning stops
    batch: int = 32  # headlines that were judged, and anchors
    replay: float = 0.3  # part of the batch that is anchors; as many unlabelled ones come on top
    contrast: float = 0.25  # part of the anchors that is of our own writing
    rank: int = 8  # of the adapters; α is twice that
    adapter_rate: float = 2e-4
    heads_rate: float = 1e-3
    pull: float = 3e-4  # λ₀: L2 of what was changed
    leash: float = 0.04  # nats of mean divergence on unjudged headlines, a head; the gate has 0.05
    save_every: int = 20  # steps between states on disk inside an epoch
    deadline_s: float | None = None  # seconds after which the best so far is the outcome

    @property
    def anchors_a_batch(self) -> int:
        return max(1, round(self.batch * self.replay))

    @property
    def judged_a_batch(self) -> int:
        return max(1, self.batch - self.anchors_a_batch)
