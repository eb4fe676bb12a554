"""label, evaluate, train."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import checkpoints
from monitor.cli.options import (
    ConfigOption,
    DeviceOption,
    JsonOption,
    PolicyOption,
    progress_console,
    read_lines,
    say,
    say_json,
)
from monitor.errors import ConfigError
from policy.errors import DataError
from policy.manifest import LINEAR
from policy.types import SENTIMENTS, TOPICS, Policy, Prediction

if TYPE_CHECKING:
    from policy.explanation import Explanation

_BATCH = 512


def register(app: typer.Typer) -> None:
    app.command()(label)
    app.command()(evaluate)
    app.command()(train)
    group = typer.Typer(help="Checkpoints.", no_args_is_help=True)
    checkpoints.register(group)
    app.add_typer(group, name="policy")


def open_policy(policy: str, device: str = "auto", config: Path | None = None) -> Policy:
    from policy import opening

    if device not in ("auto", "cpu", "cuda"):
        raise ConfigError(f"--device {device}: no such device; use auto, cpu or cuda")
    return opening.open_policy(checkpoints.path_of(policy, config), device)


def label(
    texts: Annotated[
        list[str] | None, typer.Argument(help="Headlines; none or '-': a line each from stdin.")
    ] = None,
    target: Annotated[str, typer.Option(help="The company the sentiment is about.")] = "",
    policy: PolicyOption = "",
    device: DeviceOption = "auto",
    explain: Annotated[
        bool, typer.Option("--explain", help="What each word adds to the labels.")
    ] = False,
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Label headlines with a topic and a sentiment; one output line per input line."""
    from policy.opening import open_explainer

    labeller = open_policy(policy, device, config)
    explainer = open_explainer(checkpoints.path_of(policy, config)) if explain else None
    for batch in _batches(iter(read_lines(texts))):
        answers = labeller.label(batch, [target] * len(batch))
        for text, answer in zip(batch, answers, strict=True):
            why = explainer.explain(text, target, answer) if explainer else ()
            if json_output:
                say_json(_document(labeller, text, target, answer) | _account(why))
            else:
                _print(text, answer)
                _print_account(why)


def _batches(lines: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(itertools.islice(lines, _BATCH)):
        yield batch


def _account(why: Sequence[Explanation]) -> dict[str, Any]:
    """The words with their weights a head, and per head what the weights add up to."""
    if not why:
        return {}
    by_head = {one.head: one for one in why}
    pairs = [[(word, one.head, weight) for word, weight in one.words] for one in why]
    words = [
        {"word": entries[0][0]} | {head: weight for _, head, weight in entries}
        for entries in zip(*pairs, strict=True)
    ]
    ends = ("label", "rival", "baseline", "score", "rest", "gap", "steps")
    sums = {head: {key: getattr(one, key) for key in ends} for head, one in by_head.items()}
    return {"explanation": words, "explained": sums}


def _document(labeller: Policy, text: str, target: str, answer: Prediction) -> dict[str, Any]:
    return {
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


def _print(text: str, answer: Prediction) -> None:
    sure = answer.sentiment_probabilities[SENTIMENTS.index(answer.sentiment)]
    shown = text if len(text) <= 200 else f"{text[:200]}… ({len(text):,} characters)"
    say(f"{answer.sentiment:8} {sure:4.0%}  {answer.topic:24} {shown}")


def _print_account(why: Sequence[Explanation]) -> None:
    """In nats: ln p(label) − ln p(rival) with the words, less the same without them."""
    for one in why:
        say(
            f"    {one.head} {one.label} over {one.rival}: {one.baseline:+.2f} without the words, "
            f"{one.score:+.2f} with them ({one.gap:.1%} unexplained)"
        )
        for word, weight in one.words:
            say(f"        {weight:+7.3f}  {word}")


def evaluate(
    file: Annotated[Path, typer.Argument(help="CSV: text, optional target, topic, sentiment.")],
    policy: PolicyOption = "",
    device: DeviceOption = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N rows.")] = None,
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Measure a policy on a labelled file."""
    from policy.data import read_labelled
    from policy.evaluate import evaluate as measure

    examples = read_labelled(file)[:limit]
    report = measure(open_policy(policy, device, config), examples)
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
        str, typer.Option(help="Base encoder: Hugging Face id or path; or linear, for none.")
    ] = "sentence-transformers/all-MiniLM-L6-v2",
    device: DeviceOption = "auto",
    seed: Annotated[int, typer.Option(help="Same seed, same files: same checkpoint.")] = 0,
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many epochs.")] = None,
    lora_rank: Annotated[
        int, typer.Option(min=0, help="Train adapters of this rank instead of whole layers.")
    ] = 0,
    teacher: Annotated[
        Path | None, typer.Option(help="Checkpoint of a larger policy to learn from.")
    ] = None,
    unlabelled: Annotated[
        list[Path] | None,
        typer.Option(help="Archive of headlines for the teacher, or a directory; repeatable."),
    ] = None,
    pool: Annotated[int, typer.Option(min=0, help="Headlines to draw from --unlabelled.")] = 50_000,
    rewards: Annotated[
        Path | None, typer.Option(help="TOML of what each answer is worth; see policy/rewards.toml")
    ] = None,
    folds: Annotated[
        int, typer.Option(help="Parts for out-of-fold beliefs; 0 leaves the choices untuned.")
    ] = 2,
) -> None:
    """Labelled files in, a checkpoint out; interrupted, the same command goes on."""
    from monitor.cli import training

    if encoder == LINEAR:
        if teacher or unlabelled or rewards or lora_rank or epochs:
            raise DataError("--encoder linear: takes labelled files, --out and --seed only")
        training.train_fallback(files, out, seed, progress_console)
        return
    texts = training.Texts(files, tuple(unlabelled or ()), pool)
    settings = training.settings_of(encoder, seed, epochs, lora_rank, folds, teacher)
    training.train_with_progress(texts, out, device, settings, teacher, rewards, progress_console)
