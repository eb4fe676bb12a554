"""The model card that lies beside the weights."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policy.card_text import CARD, CHECKLIST, TUNING
from policy.checkpoint import Temperatures
from policy.encoder import DEFAULT_ENCODER
from policy.parcels import INSTALL, LARGE, SMALL
from policy.settings import Settings

_ENCODERS = {SMALL: "Apache-2.0", LARGE: "Apache-2.0"}
_LICENCES = {
    "twitter_topic_train.csv": "MIT (zeroshot/twitter-financial-news-topic)",
    "twitter_sentiment_train.csv": "MIT (zeroshot/twitter-financial-news-sentiment)",
    "sentfin_train.csv": "MIT (SEntFiN 1.0, Sinha et al. 2022)",
    "finentity_train.csv": "ODC-BY (FinEntity)",
}
_HEADS = {
    "topic": "topic (20)",
    "sentiment": "sentiment of the headline (3)",
    "sentiment_target": "sentiment towards a target (3)",
}

_EARNED = {
    "negative_recall": "recall of negatives",
    "sentiment_reward": "reward a headline, sentiment",
    "topic_reward": "reward a headline, topic",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a card is about."""

    settings: Settings
    data: Mapping[str, Any]  # rows and where they came from, as `policy.train` gathers it
    metrics: Mapping[str, Any]  # head → rows, accuracy, macro_f1, ece; tuning; checklist
    temperatures: Temperatures

    @property
    def command(self) -> str:
        """What makes the checkpoint again; words in capitals are the reader's to replace."""
        words, settings = ["downdraft train LABELLED/*.csv --out DIR"], self.settings
        if settings.teacher:
            words.append("--teacher TEACHER")
        if self.data["pool_rows"]:
            words.append(f"--unlabelled ARCHIVES --pool {self.data['pool_rows']}")
        if settings.encoder != DEFAULT_ENCODER:
            words.append(f"--encoder {settings.encoder}")
        words.append(f"--seed {settings.seed} --epochs {settings.epochs}")
        if settings.lora_rank:
            words.append(f"--lora-rank {settings.lora_rank}")
        if settings.folds != Settings(settings.encoder, settings.seed).folds:
            words.append(f"--folds {settings.folds}")
        return " ".join(words)


def render(facts: Facts) -> str:
    """The card in Markdown."""
    settings = facts.settings
    return CARD.format(
        made="\n".join(_item(each) for each in (_encoder(settings), *_made(facts.data))),
        sources="\n".join(_source(each) for each in facts.data["sources"]) or "| not stated | | |",
        figures="\n".join(_figures(facts.metrics)),
        temperatures=facts.temperatures,
        tuning=_tuning(facts.metrics),
        checklist=_checklist(facts.metrics.get("checklist", ())),
        command="\n".join([*_installs(facts), *_commands(facts)]),
        seed=settings.seed,
        epochs=settings.epochs,
        rows=facts.data["rows"],
        validation=facts.data["validation_rows"],
        fingerprint=facts.data["sha256"][:12],
    )


def _source(source: Mapping[str, str]) -> str:
    licence = _LICENCES.get(source["name"], "stated by whoever gave the file")
    return f"| {source['name']} | {licence} | `{source['sha256'][:12]}` |"


def _figures(metrics: Mapping[str, Any]) -> list[str]:
    row = "| {name} | {rows} | {accuracy:.3f} | {macro_f1:.3f} | {ece:.3f} |"
    return [row.format(name=_HEADS[head], **metrics[head]) for head in _HEADS if head in metrics]


def _item(text: str) -> str:
    return textwrap.fill(text, 100, initial_indent="- ", subsequent_indent="  ")


def _encoder(settings: Settings) -> str:
    rank = settings.lora_rank
    how = f"adapted with LoRA of rank {rank}, merged" if rank else "fine-tuned whole"
    return (
        f"Encoder: {settings.encoder}, licence {_ENCODERS.get(settings.encoder, 'not known here')}."
        f" Embeddings frozen, layers {how}, mean pooling, one linear head a question."
        " Half-precision safetensors; no code in the weights."
    )


def _made(data: Mapping[str, Any]) -> list[str]:
    lines = []
    if data["contrast_rows"]:
        lines.append(
            f"{data['contrast_rows']:,} contrast rows of our own writing (policy/contrast/): a"
            " sentence again with one word turned, so that no word decides alone."
        )
    if teacher := data["teacher"]:
        lines.append(
            f"Teacher: checkpoint `{teacher['id']}` ({teacher['encoder']}), distilled at"
            f" temperature 2 on all rows and on {data['pool_rows']:,} unlabelled headlines."
        )
    if data["pool_sources"]:
        files = (f"{each['name']} (`{each['sha256'][:12]}`)" for each in data["pool_sources"])
        lines.append(f"The unlabelled headlines were drawn from {', '.join(files)}.")
    return lines


def _tuning(metrics: Mapping[str, Any]) -> str:
    if "tuning" not in metrics:
        return ""
    before, after, rows = metrics["likeliest"], metrics["chosen"], []
    for key, name in _EARNED.items():
        if key in before:
            rows.append(f"| {name} | {before[key]:.3f} | {after[key]:.3f} |")
    for head, name in _HEADS.items():
        if head in before:
            f1 = before[head]["macro_f1"], metrics[head]["macro_f1"]
            rows.append(f"| macro-F1, {name} | {f1[0]:.3f} | {f1[1]:.3f} |")
    spent = metrics["tuning"]["sentiment"]["divergence"]
    return TUNING.format(rows="\n".join(rows), divergence=spent)


def _checklist(results: Sequence[Mapping[str, Any]]) -> str:
    if not results:
        return ""
    row = "| {name} | {kind} | {cases} | {rate:.0%} |"
    return CHECKLIST.format(rows="\n".join(row.format(**each) for each in results))


def _installs(facts: Facts) -> list[str]:
    """What brings the encoders that a rebuild needs."""
    teacher = facts.data["teacher"]
    used = (facts.settings.encoder, teacher["encoder"] if teacher else "")
    return [INSTALL[each] for each in (SMALL, LARGE) if each in used]


def _commands(facts: Facts) -> list[str]:
    teacher = facts.data["teacher"]
    first = [teacher["created_by"].replace("--out DIR", "--out TEACHER")] if teacher else []
    return [*first, facts.command]
