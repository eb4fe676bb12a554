"""The card of the linear fallback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policy.explanation import Head

_HEADS = {
    "topic": "topic (20)",
    "sentiment": "sentiment of the headline (3)",
    "sentiment_target": "sentiment towards a target (3)",
}


SAYS_LEAST: dict[Head, str] = {"topic": "General News | Opinion", "sentiment": "neutral"}


def render(data: Mapping[str, Any], metrics: Mapping[str, Any], command: str) -> str:
    """The card in Markdown."""
    row = "| {name} | {rows} | {accuracy:.3f} | {macro_f1:.3f} | {ece:.3f} |"
    figures = [row.format(name=_HEADS[head], **each) for head, each in metrics.items()]
    files = [f"- {each['name']}, SHA-256 `{each['sha256'][:12]}`" for each in data["sources"]]
    return _CARD.format(
        rows=data["rows"],
        validation=data["validation_rows"],
        fingerprint=data["sha256"][:12],
        sources="\n".join(files) or "- not stated",
        figures="\n".join(figures),
        untaught="".join(f"\n{untaught(head)}\n" for head in data["untaught"]),
        command=command,
    )


def untaught(head: Head) -> str:
    """One line on a head that no row taught anything."""
    return f"No row has a {head}: it says {SAYS_LEAST[head]!r} of everything."


_CARD = """\
# Fallback policy: a linear model on hashed n-grams

Labels while the network cannot be served: no torch, a missing or altered checkpoint, a device that
failed. It counts words, pairs of words and letters inside words, and for sentiment towards a target
the words on each side of it. It knows no meaning: negation, "losses narrow" and two companies in
one headline are read by their words. Every label of it carries the tier `fallback`, and alerts say
so.

## Made from
{rows} labelled rows, fingerprint `{fingerprint}`:

{sources}

Multinomial logistic regression, sublinear counts weighed by rarity, no list of words by hand.
{untaught}
## Figures
On {validation} rows held out of them, cut by text; the same rows gave one temperature a head.

| head | rows | accuracy | macro-F1 | ECE |
|---|---|---|---|---|
{figures}

## Rebuild
```
{command}
```
The same files and seed give the same weights on the same machine.
"""
