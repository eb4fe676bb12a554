"""train: which rows and headlines, and the progress bar around policy.train."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from monitor.archive import read_archive
from policy.checkpoint import CARD, describe
from policy.data import Example, read_labelled
from policy.errors import DataError
from policy.linear_card import untaught
from policy.linear_training import LinearReport, train_linear
from policy.pool import first_sentence, pool
from policy.reward import DEFAULT, read_rewards
from policy.settings import Settings
from policy.train import Extra, Report, train
from policy.trainer import Progress as Step


@dataclass(frozen=True, slots=True)
class Texts:
    """Files to learn from."""

    labelled: list[Path]
    unlabelled: tuple[Path, ...]  # archives, or directories of them
    pool: int  # headlines to draw from them


def settings_of(
    encoder: str, seed: int, epochs: int | None, lora_rank: int, folds: int, teacher: Path | None
) -> Settings:
    """The settings that the command line names; raises CheckpointError for a broken teacher."""
    known = describe(teacher).id if teacher else ""
    more = {} if epochs is None else {"epochs": epochs}
    return Settings(encoder, seed, lora_rank=lora_rank, folds=folds, teacher=known, **more)


def train_with_progress(
    texts: Texts,
    out: Path,
    device: str,
    settings: Settings,
    teacher: Path | None,
    rewards: Path | None,
    console: Console,
) -> None:
    """Reads the files, trains, says where the checkpoint lies and how good it is."""
    examples = [example for file in texts.labelled for example in read_labelled(file)]
    archives = _archives(texts, teacher)
    drawn = pool(_headlines(archives), texts.pool, settings.seed)
    extra = Extra(texts.labelled, drawn, archives, teacher, read_rewards(rewards or DEFAULT))
    console.print(
        f"{len(examples):,} rows from {len(texts.labelled)} files, {len(drawn):,} unlabelled"
        f" headlines; base weights: {settings.encoder}"
    )
    _say(_train(settings, examples, out, device, extra, console), console)


def train_fallback(files: list[Path], out: Path, seed: int, console: Console) -> None:
    """The linear policy, which has no epochs to show."""
    examples = [example for file in files for example in read_labelled(file)]
    with console.status(f"fitting a linear policy to {len(examples):,} rows"):
        report = train_linear(examples, out, seed, files)
    _say(report, console)
    for head in report.checkpoint.data["untaught"]:
        console.print(f"  {untaught(head)}", highlight=False)


def _train(
    settings: Settings,
    examples: list[Example],
    out: Path,
    device: str,
    extra: Extra,
    console: Console,
) -> Report:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("preparing", total=None)
        stage = ""

        def show(step: Step) -> None:
            nonlocal stage
            text = step.stage
            if step.epochs:
                text += f"  epoch {step.epoch}/{step.epochs}  loss {step.loss:.3f}"
            if step.stage != stage:  # the time that is left is reckoned a stage at a time
                stage = step.stage
                bar.reset(task)
            bar.update(task, completed=step.step, total=step.steps, description=text)

        return train(settings, examples, out, device, show, extra)


def _archives(texts: Texts, teacher: Path | None) -> list[Path]:
    if texts.unlabelled and teacher is None:
        raise DataError("--unlabelled: headlines without labels teach nothing without --teacher")
    files: list[Path] = []
    for each in texts.unlabelled:
        files += sorted(each.glob("*.jsonl*")) if each.is_dir() else [each]
    return files


def _headlines(archives: list[Path]) -> Iterator[str]:
    """Titles, and the sentence that a summary opens with."""
    for archive in archives:
        for entry in read_archive(archive):
            yield entry.title
            if entry.summary:
                yield first_sentence(entry.summary)


def _say(report: Report | LinearReport, console: Console) -> None:
    console.print(f"checkpoint {report.checkpoint.id} in {report.path} ({report.seconds:,.0f} s)")
    for head in ("topic", "sentiment", "sentiment_target"):
        if head in report.metrics:
            console.print(
                "  {head:16} {rows:6,} rows  accuracy {accuracy:.4f}  macro-F1 {macro_f1:.4f}"
                "  ECE {ece:.4f}".format(head=head, **report.metrics[head]),
                highlight=False,
            )
    console.print(f"  all figures: {report.path / CARD}", highlight=False)
