"""The card of a policy that learned from verdicts: what it learned, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from policy.checkpoint import Temperatures
from policy.finetune.settings import FinetuneSettings

_HEADS = {"topic": "topic (20)", "sentiment": "sentiment (3)"}
_CARD = """\
# Policy: topics and sentiment of financial headlines, taught by verdicts

Checkpoint `{parent}`, taught further by analysts' verdicts on its labels. Its own card says what
it was made from, what it is for and where its limits are; all of that holds here too.

## Learned from
- {learned:,} verdicts of {analysts} analysts (fingerprint `{fingerprint}`), by `{learner}`;
  {aside:,} more were kept aside to say when to stop and are the source of the figures below.
  Items with a known answer, which test the analysts, were not learned from.
- {anchors:,} rows with known labels and {headlines:,} headlines that nobody had judged, replayed so
  that nothing is forgotten (fingerprint of the anchors that were given: `{anchored}`).
- Adapters of rank {rank} on queries and values, merged into the layers, and both heads; the
  embeddings are the parent's. Half-precision safetensors; no code in the weights.
- What labels are chosen by is the parent's tuning towards rewards, laid over the new heads.

## Came to
| head | verdicts kept aside, log-likelihood each | divergence from the parent, nats |
|---|---|---|
{heads}

| anchors kept aside | rows | right before | right after | turned wrong |
|---|---|---|---|---|
{forgetting}

Temperatures: topic {temperatures.topic}, sentiment of the headline {temperatures.sentiment},
towards a target {temperatures.sentiment_target}. Epoch {epoch} of {epochs} is kept,
{part:.0%} of its step: the leash is {leash:g} nats a head on headlines that nobody had judged.

These figures chose the epoch: they say that something was learned, not how good the policy is.
That is judged by verdicts given after it was frozen.
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a card is about."""

    parent: str
    settings: FinetuneSettings
    data: Mapping[str, Any]
    metrics: Mapping[str, Any]
    temperatures: Temperatures


def render(facts: Facts) -> str:
    """The card in Markdown."""
    data, metrics = facts.data, facts.metrics
    return _CARD.format(
        parent=facts.parent,
        learner=facts.settings.learner,
        learned=data["verdicts"],
        aside=data["verdicts_aside"],
        analysts=data["analysts"],
        fingerprint=data["sha256"][:12],
        anchors=data["anchors"],
        headlines=data["headlines"],
        anchored=data["anchors_sha256"][:12],
        rank=facts.settings.rank,
        heads="\n".join(_head(name, metrics) for name in _HEADS),
        forgetting="\n".join(_forgetting(metrics["anchors"])) or "| none were given | | | | |",
        temperatures=facts.temperatures,
        epoch=metrics["epoch"],
        epochs=metrics["epochs"],
        part=metrics["part"],
        leash=facts.settings.leash,
    )


def _head(name: str, metrics: Mapping[str, Any]) -> str:
    before, after = (metrics["audit"][when].get(name) for when in ("before", "after"))
    likely = "none" if before is None else f"{before:.4f} → {after:.4f}"
    return f"| {_HEADS[name]} | {likely} | {metrics['kl'][name]:.4f} |"


def _forgetting(anchors: Mapping[str, Mapping[str, float]]) -> list[str]:
    row = "| {name} | {rows} | {before:.3f} | {after:.3f} | {negative_flips:.2%} |"
    return [row.format(name=_HEADS[head], **each) for head, each in anchors.items()]
