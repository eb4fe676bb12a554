"""The model card that lies beside the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy.checkpoint import Temperatures
from policy.encoder import DEFAULT_ENCODER
from policy.settings import Settings

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


@dataclass(frozen=True, slots=True)
class Source:
    """A file that labels came from."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a card is about."""

    settings: Settings
    data: Mapping[str, Any]  # rows, training_rows, validation_rows, sha256, sources
    metrics: Mapping[str, Any]  # head → rows, accuracy, macro_f1, ece
    temperatures: Temperatures

    @property
    def command(self) -> str:
        """What makes the checkpoint again; LABELLED and DIR are the reader's to replace."""
        words, settings = ["downdraft train LABELLED/*.csv --out DIR"], self.settings
        if settings.encoder != DEFAULT_ENCODER:
            words.append(f"--encoder {settings.encoder}")
        words.append(f"--seed {settings.seed} --epochs {settings.epochs}")
        if settings.lora_rank:
            words.append(f"--lora-rank {settings.lora_rank}")
        return " ".join(words)


def render(facts: Facts) -> str:
    """The card in Markdown."""
    settings = facts.settings
    rank = settings.lora_rank
    return _CARD.format(
        encoder=settings.encoder,
        licence="Apache-2.0" if settings.encoder == DEFAULT_ENCODER else "see its publisher",
        how=f"adapted with LoRA of rank {rank}, merged" if rank else "fine-tuned whole",
        sources="\n".join(_source(each) for each in facts.data["sources"]) or "| not stated | | |",
        figures="\n".join(_figures(facts.metrics)),
        topic_temperature=facts.temperatures.topic,
        sentiment_temperature=facts.temperatures.sentiment,
        command=facts.command,
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


_CARD = """\
# Policy: topics and sentiment of financial headlines

Reads one headline, and where asked a target (a company, a currency, a market), and answers with
two distributions: over 20 topics, and over negative, neutral and positive sentiment. Sentiment is
towards the target where there is one: the input reads `[CLS] headline [SEP] target [SEP]`.

## Made from
- Encoder: {encoder}, licence {licence}. Embeddings frozen, layers {how}, mean pooling, one
  linear head a question. Half-precision safetensors; no code in the weights.
- Labels ({rows} rows, fingerprint `{fingerprint}`):

| file | licence stated by its authors | SHA-256 |
|---|---|---|
{sources}

Financial PhraseBank was never trained on: its licence is non-commercial.

## Figures
On {validation} rows held out of the rows above, cut by text so that no near-duplicate of a held-out
headline was trained on. The same rows chose the epoch and the temperatures, so the figures are
slightly kind, the calibration error most of all.

| head | rows | accuracy | macro-F1 | ECE |
|---|---|---|---|---|
{figures}

ECE is of the top label in 15 equal bins, after one temperature a head: topic
{topic_temperature}, sentiment {sentiment_temperature}.

## Intended use
Sorting and counting English financial headlines so that a rise in the share of negative ones is
noticed, and showing a person why. A single label is a guess with a stated probability.

## Limits
- English only. The topic labels come from tweets of 2022, part of the sentiment labels from tweets
  of 2019 and from Indian headlines: other years, places and styles are read less well.
- Some topics blur into each other (macro and general news, company news and stock commentary), and
  the rare ones (IPO; gold, metals and materials) were learnt from a few dozen rows.
- "Neutral" means different things to the different annotators of these files.
- Irony, hypotheticals and numbers against expectations that the headline does not state are missed.
- No advice: it knows nothing of prices, and a label is not a forecast.

## Rebuild
```
pip install 'downdraft[train]'
{command}
```
The same files, seed {seed} and {epochs} epochs give the same curve on the same processor and
library versions; other processors round differently and give slightly other weights.
"""
