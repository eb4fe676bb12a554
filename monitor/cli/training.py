"""train: the progress bar around policy.train."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from policy.data import read_labelled
from policy.train import Report, train
from policy.trainer import Progress as Step


def train_with_progress(
    files: list[Path],
    out: Path,
    encoder: str,
    device: str,
    seed: int,
    epochs: int | None,
    lora_rank: int,
    console: Console,
) -> None:
    """Reads the files, trains, says where the checkpoint lies and how good it is."""
    examples = [example for file in files for example in read_labelled(file)]
    console.print(f"{len(examples):,} rows from {len(files)} files; base weights: {encoder}")
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("preparing", total=None)

        def show(step: Step) -> None:
            text = f"epoch {step.epoch}/{step.epochs}  loss {step.loss:.3f}"
            bar.update(task, completed=step.step, total=step.steps, description=text)

        more = {} if epochs is None else {"epochs": epochs}
        report = train(
            examples, out, encoder, device, seed, show, lora_rank=lora_rank, sources=files, **more
        )
    _say(report, console)


def _say(report: Report, console: Console) -> None:
    console.print(f"checkpoint {report.checkpoint.id} in {report.path} ({report.seconds:,.0f} s)")
    for name, figure in report.metrics.items():
        console.print(f"  {name}: {figure}", highlight=False)
