"""label, evaluate, train."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import checkpoints
from monitor.cli.options import (
    DeviceOption,
    JsonOption,
    PolicyOption,
    progress_console,
    read_lines,
    say,
    say_json,
)
from monitor.errors import ConfigError
from policy.types import SENTIMENTS, TOPICS, Prediction

if TYPE_CHECKING:
    from policy.labeller import Labeller

_BATCH = 512


def register(app: typer.Typer) -> None:
    app.command()(label)
    app.command()(evaluate)
    app.command()(train)
    group = typer.Typer(help="Checkpoints.", no_args_is_help=True)
    checkpoints.register(group)
    app.add_typer(group, name="policy")


def open_policy(policy: str, device: str = "auto") -> Labeller:
    from policy.labeller import Labeller

    if device not in ("auto", "cpu", "cuda"):
        raise ConfigError(f"--device {device}: no such device; use auto, cpu or cuda")
    return Labeller.load(checkpoints.path_of(policy), device)


def label(
    texts: Annotated[
        list[str] | None, typer.Argument(help="Headlines; none or '-': a line each from stdin.")
    ] = None,
    target: Annotated[str, typer.Option(help="The company the sentiment is about.")] = "",
    policy: PolicyOption = "",
    device: DeviceOption = "auto",
    explain: Annotated[bool, typer.Option("--explain", help="Weights of the words.")] = False,
    json_output: JsonOption = False,
) -> None:
    """Label headlines with a topic and a sentiment; one output line per input line."""
    labeller = open_policy(policy, device)
    for batch in _batches(iter(read_lines(texts))):
        answers = labeller.label(batch, [target] * len(batch))
        for text, answer in zip(batch, answers, strict=True):
            words = _explain(labeller, text, target) if explain else None
            if json_output:
                say_json(_document(labeller, text, target, answer, words))
            else:
                _print(text, answer, words)


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(itertools.islice(lines, _BATCH)):
        yield batch


def _explain(labeller: Labeller, text: str, target: str) -> list[dict[str, Any]]:
    """How far each label's probability falls when a word is left out."""
    from policy.explain import attributions

    sentiment = attributions(labeller, text, target, "sentiment")
    topic = dict(enumerate(attributions(labeller, text, target, "topic")))
    return [
        {"word": word, "sentiment": fall, "topic": topic[i][1]}
        for i, (word, fall) in enumerate(sentiment)
    ]


def _document(
    labeller: Labeller,
    text: str,
    target: str,
    answer: Prediction,
    words: list[dict[str, Any]] | None,
) -> dict[str, Any]:
    document = {
        "text": text,
        "target": target,
        "topic": answer.topic,
        "sentiment": answer.sentiment,
        "topic_probabilities": dict(zip(TOPICS, answer.topic_probabilities, strict=True)),
        "sentiment_probabilities": dict(
            zip(SENTIMENTS, answer.sentiment_probabilities, strict=True)
        ),
        "policy": labeller.checkpoint,
        "tier": labeller.tier,
    }
    return document if words is None else document | {"explanation": words}


def _print(text: str, answer: Prediction, words: list[dict[str, Any]] | None) -> None:
    sure = max(answer.sentiment_probabilities)
    shown = text if len(text) <= 200 else f"{text[:200]}… ({len(text):,} characters)"
    say(f"{answer.sentiment:8} {sure:4.0%}  {answer.topic:24} {shown}")
    for one in words or []:
        say(f"    {one['word']:24} sentiment {one['sentiment']:+.3f}  topic {one['topic']:+.3f}")


def evaluate(
    file: Annotated[Path, typer.Argument(help="CSV: text, optional target, topic, sentiment.")],
    policy: PolicyOption = "",
    device: DeviceOption = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N rows.")] = None,
    json_output: JsonOption = False,
) -> None:
    """Measure a policy on a labelled file."""
    from policy.data import read_labelled
    from policy.evaluate import evaluate as measure

    examples = read_labelled(file)[:limit]
    report = measure(open_policy(policy, device), examples)
    if json_output:
        say_json(report)
        return
    speed = f"{report['headlines_per_second']:,.0f} headlines/s"
    say(f"{report['rows']} rows, policy {report['policy']} ({report['tier']}), {speed}")
    for head in ("topic", "sentiment"):
        if head in report:
            figures = report[head]
            say(
                f"{head:10} accuracy {figures['accuracy']:.4f}  "
                f"macro-F1 {figures['macro_f1']:.4f}  ECE {figures['ece']:.4f}"
            )


def train(
    files: Annotated[list[Path], typer.Argument(help="Labelled CSV files.")],
    out: Annotated[Path, typer.Option(help="Directory of the new checkpoint.")],
    encoder: Annotated[
        str, typer.Option(help="Base encoder: Hugging Face id or path.")
    ] = "sentence-transformers/all-MiniLM-L6-v2",
    device: DeviceOption = "auto",
    seed: Annotated[int, typer.Option(help="Same seed, same files: same checkpoint.")] = 0,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many epochs.")] = None,
    lora_rank: Annotated[
        int, typer.Option(min=0, help="Train adapters of this rank instead of whole layers.")
    ] = 0,
) -> None:
    """Supervised warm start from labelled files; interrupted, the same command goes on."""
    from monitor.cli.training import train_with_progress

    train_with_progress(files, out, encoder, device, seed, epochs, lora_rank, progress_console)
