"""Beliefs about training rows from policies that never saw their labels.

Rewards must be reckoned with what a policy believes about headlines it does not know: with the
known label in the posterior's place the best policy is one-hot and a reward table does nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from policy.augment import augment
from policy.batches import Beliefs, Rows
from policy.data import Example, near_duplicates
from policy.encoder import load_base
from policy.settings import Settings
from policy.trainer import Listener, Trainer
from policy.types import SENTIMENTS, TOPICS


def out_of_fold(
    settings: Settings,
    examples: Sequence[Example],
    device: torch.device,
    folder: Path,
    run: str,
    progress: Listener,
) -> Beliefs:
    """Calibrated beliefs about `examples` (N rows), each from a policy fitted on other rows.

    No near-duplicate of a row is among those that its policy saw. The part that is asked about
    chooses the epoch and the temperature of the policy: three numbers for thousands of rows.
    """
    parts = _parts(examples, settings)
    topics = np.empty((len(examples), len(TOPICS)))
    sentiments = np.empty((len(examples), len(SENTIMENTS)))
    short = replace(settings, epochs=settings.fold_epochs)
    for part in range(settings.folds):
        base = load_base(settings.encoder)
        asked = np.flatnonzero(parts == part)
        known = [each for each, own in zip(examples, parts, strict=True) if own != part]
        trainer = Trainer(
            short,
            base,
            Rows(augment(known, settings.seed), base.tokens),
            Rows([examples[int(i)] for i in asked], base.tokens),
            device,
            folder / f"fold-{part}",
            f"{run} fold {part}",
            f"fold {part + 1} of {settings.folds}",
        )
        trainer.fit(progress)
        beliefs = trainer.finish().beliefs
        topics[asked], sentiments[asked] = beliefs.topics, beliefs.sentiments
    return Beliefs(topics, sentiments)


def _parts(examples: Sequence[Example], settings: Settings) -> np.ndarray:
    """The part of each row; near-duplicates share one."""
    groups = near_duplicates([each.text for each in examples])
    names = sorted(set(groups))
    random.Random(settings.seed).shuffle(names)
    part = {name: place % settings.folds for place, name in enumerate(names)}
    return np.array([part[group] for group in groups])
