"""Supervised warm start: labelled headlines in, a checkpoint out."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from policy.card import Facts, Source, render
from policy.checkpoint import CARD, Description, save, seal
from policy.data import Example, cut, fingerprint
from policy.encoder import load_base
from policy.errors import DataError
from policy.model import pick_device
from policy.settings import Settings
from policy.trainer import Progress, Trainer

__all__ = ["Progress", "Report", "train", "train_as"]
RESUME = ".resume"  # inside the output directory, gone once the checkpoint is written


@dataclass(frozen=True, slots=True)
class Report:
    """What came out."""

    checkpoint: Description
    path: Path
    metrics: Mapping[str, Any]  # on the validation cut, calibrated
    curve: Sequence[Mapping[str, Any]]  # an entry an epoch: loss and figures
    seconds: float


def train(
    examples: Sequence[Example],
    out: Path,
    encoder: str,
    device: str,
    seed: int,
    progress: Callable[[Progress], None],
    epochs: int = 5,
    lora_rank: int = 0,
    sources: Sequence[Path] = (),
) -> Report:
    """Fine-tunes `encoder` with two heads and writes a checkpoint to `out`.

    A tenth of the examples, cut so that no near-duplicate straddles it, is held out for early
    stopping, calibration and the figures of the card. State is kept in `out/.resume`: the same
    call after a kill goes on where it was and ends the same. `sources` are the files that the
    examples were read from, for the card. Raises DataError where there is too little to train
    on, CheckpointError without weights.
    """
    settings = Settings(encoder, seed, epochs, lora_rank)
    return train_as(settings, examples, out, device, progress, sources)


def train_as(
    settings: Settings,
    examples: Sequence[Example],
    out: Path,
    device: str,
    progress: Callable[[Progress], None],
    sources: Sequence[Path] = (),
) -> Report:
    """`train` with every setting named."""
    started = time.perf_counter()
    base = load_base(settings.encoder)
    training, validation = cut(examples, settings.seed)
    if not training or not validation:
        raise DataError(f"{len(examples)} rows are too few to train on; give at least 20")
    trainer = Trainer(settings, base, training, validation, pick_device(device), out / RESUME)
    trainer.fit(progress)
    model, temperatures, metrics = trainer.finish()
    save(out, model, base.tokens, base.config, temperatures)
    data = _data(examples, training, validation, sources)
    facts = Facts(settings, data, metrics, temperatures)
    (out / CARD).write_text(render(facts), encoding="utf-8")
    description = seal(
        out, encoder=settings.encoder, created_by=facts.command, data=data, metrics=metrics
    )
    shutil.rmtree(out / RESUME, ignore_errors=True)
    seconds = time.perf_counter() - started
    return Report(description, out, metrics, trainer.state.curve, seconds)


def _data(
    examples: Sequence[Example],
    training: Sequence[Example],
    validation: Sequence[Example],
    sources: Sequence[Path],
) -> dict[str, Any]:
    files = [Source(each.name, hashlib.sha256(each.read_bytes()).hexdigest()) for each in sources]
    return {
        "rows": len(examples),
        "training_rows": len(training),
        "validation_rows": len(validation),
        "sha256": fingerprint(examples),
        "sources": [asdict(each) for each in files],
    }
