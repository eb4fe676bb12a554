"""What a training run is: all that decides its outcome besides the rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. Learning rates are those at the top of the warm-up."""

    encoder: str
    seed: int
    epochs: int = 5
    teacher: str = ""  # id of the checkpoint that teaches, "" for none
    contrast: int = 6_000  # contrast pairs of our own writing among the rows
    folds: int = 2  # parts for the out-of-fold beliefs that rewards are reckoned with
    fold_epochs: int = 3
    lora_rank: int = 0  # 0 trains the layers whole
    batch: int = 64
    layers_rate: float = 3e-4  # at width 384 or less; falls with the square of the width
    heads_rate: float = 1e-3
    adapter_rate: float = 1e-3
    warmup: float = 0.1  # of all steps
    patience: int = 2  # epochs without a better score before training stops
    save_every: int = 200  # steps between states on disk inside an epoch
