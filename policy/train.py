"""Labelled headlines in, a checkpoint out: warm start, out-of-fold beliefs, reward tuning."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from policy import distil
from policy.augment import augment
from policy.batches import Beliefs, Rows
from policy.card import Facts, render
from policy.checklist import suite as checklist
from policy.checkpoint import CARD, Description, describe, save, seal
from policy.contrast.grammar import contrast_rows
from policy.crossfit import out_of_fold
from policy.data import Example, cut, fingerprint, sources_of
from policy.durable import replacing
from policy.encoder import load_base
from policy.errors import DataError
from policy.improve import earned, improve, labels_of
from policy.labeller import Labeller
from policy.manifest import RESUME, refuse_others
from policy.model import pick_device
from policy.reward import Rewards, read_rewards
from policy.settings import Settings
from policy.trainer import Finished, Listener, Progress, Trainer, figures_by_head, pool_rows

__all__ = ["Extra", "Progress", "Report", "train"]


@dataclass(frozen=True, slots=True)
class Extra:
    """What training may use besides labelled rows."""

    sources: Sequence[Path] = ()  # the files that the rows were read from, for the card
    pool: Sequence[Example] = ()  # unlabelled headlines, for a teacher to speak about
    pool_sources: Sequence[Path] = ()
    teacher: Path | None = None  # a checkpoint
    rewards: Rewards = field(default_factory=read_rewards)


@dataclass(frozen=True, slots=True)
class Report:
    """What came out."""

    checkpoint: Description
    path: Path
    metrics: Mapping[str, Any]  # on the validation cut, calibrated, of the labels chosen
    curve: Sequence[Mapping[str, Any]]  # an entry an epoch: loss and figures
    seconds: float


def train(
    settings: Settings,
    examples: Sequence[Example],
    out: Path,
    device: str,
    progress: Listener,
    extra: Extra | None = None,
) -> Report:
    """Fine-tunes an encoder with two heads, tunes its choices, and writes a checkpoint to `out`.

    A tenth of the examples, cut so that no near-duplicate straddles it, is held out for early
    stopping, calibration and the figures of the card. State is kept in `out/.resume`: the same
    call after a kill goes on where it was and ends the same; then the checkpoint takes its place,
    whole. Raises DataError where there is too little to train on or `out` holds other files,
    CheckpointError without weights or teacher.
    """
    started = time.perf_counter()
    refuse_others(out)
    run = Run(settings, extra or Extra(), pick_device(device), out / RESUME, progress)
    training, validation = cut(examples, settings.seed)
    if not training or not validation:
        raise DataError(f"{len(examples)} rows are too few to train on; give at least 20")
    base = load_base(settings.encoder)
    held = Rows(validation, base.tokens)
    rows = run.rows(training)
    name = run.name(rows)
    trainer = Trainer(
        settings,
        base,
        Rows(rows, base.tokens, run.taught(rows)),
        held,
        run.device,
        run.folder,
        name,
    )
    trainer.fit(progress)
    finished = trainer.finish()
    metrics = dict(finished.metrics)
    if settings.folds:
        metrics = run.tuned(finished, training, held, name)
    facts = Facts(
        settings, _data(examples, training, validation, run), metrics, finished.temperatures
    )
    with replacing(out) as draft:
        save(draft, finished.model, base.tokens, base.config, finished.temperatures)
        _seal(draft, facts)
        metrics["checklist"] = _behaviour(draft)  # of the weights as they are served
        description = _seal(draft, facts)
    seconds = time.perf_counter() - started
    return Report(description, out, metrics, trainer.state.curve, seconds)


@dataclass(frozen=True, slots=True)
class Run:
    """One training: what it is made with."""

    settings: Settings
    extra: Extra
    device: torch.device
    folder: Path
    progress: Listener

    def rows(self, training: Sequence[Example]) -> list[Example]:
        """What the warm start learns from: labelled, derived, written by us, unlabelled."""
        settings = self.settings
        ours = contrast_rows(settings.seed, settings.contrast) if settings.contrast else []
        return [*augment(training, settings.seed), *ours, *self.extra.pool]

    def name(self, rows: Sequence[Example]) -> str:
        """All that decides the outcome, hashed: another run's state is not taken up."""
        words = json.dumps(asdict(self.settings), sort_keys=True) + fingerprint(rows)
        return hashlib.sha256(words.encode()).hexdigest()

    def taught(self, rows: Sequence[Example]) -> Beliefs | None:
        """What the teacher believes about the rows, where there is one."""
        if self.extra.teacher is None:
            return None

        def show(done: int, total: int) -> None:
            self.progress(Progress("asking the teacher", 0, 0, done, total, 0.0))

        return distil.ask(self.extra.teacher, rows, self.device.type, show)

    def tuned(
        self, finished: Finished, training: Sequence[Example], held: Rows, name: str
    ) -> dict[str, Any]:
        """Tunes the choices towards rewards; figures of the labels chosen, and what it bought."""
        model, rewards = finished.model, self.extra.rewards
        beliefs = out_of_fold(
            self.settings, training, self.device, self.folder, name, self.progress
        )
        gains = improve(model, finished.temperatures, beliefs, rewards)
        likeliest, chosen = labels_of(model, pool_rows(model, held, self.device))
        return {
            **figures_by_head(held, finished.beliefs, chosen),
            "likeliest": finished.metrics | earned(likeliest, held, rewards),
            "chosen": earned(chosen, held, rewards),
            "tuning": gains,
        }


def _seal(out: Path, facts: Facts) -> Description:
    (out / CARD).write_text(render(facts), encoding="utf-8")
    return seal(
        out,
        encoder=facts.settings.encoder,
        created_by=facts.command,
        data=facts.data,
        metrics=facts.metrics,
    )


def _behaviour(out: Path) -> list[dict[str, Any]]:
    results = checklist.run(Labeller.load(out, "cpu")).results
    return [
        {"name": each.name, "kind": each.kind, "cases": each.cases, "rate": round(each.rate, 4)}
        for each in results
    ]


def _data(
    examples: Sequence[Example],
    training: Sequence[Example],
    validation: Sequence[Example],
    run: Run,
) -> dict[str, Any]:
    extra = run.extra
    return {
        "rows": len(examples),
        "training_rows": len(training),
        "validation_rows": len(validation),
        "contrast_rows": run.settings.contrast,
        "pool_rows": len(extra.pool),
        "teacher": _teacher(extra.teacher) if extra.teacher else None,
        "sha256": fingerprint(examples),
        "sources": sources_of(extra.sources),
        "pool_sources": sources_of(extra.pool_sources),
    }


def _teacher(path: Path) -> dict[str, str]:
    known = describe(path)
    return {"id": known.id, "encoder": known.encoder, "created_by": known.created_by}
