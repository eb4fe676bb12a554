"""Sentences of a ruling, with their figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policy.gate.evidence import Evidence


def counts(figures: Mapping[str, Any], challenger: str, champion: str) -> str:
    return (
        f"{figures['judged']} verdicts: the {challenger} right in {figures['wins']}, the {champion}"
        f" in {figures['losses']}, neither in {figures['neither']}"
    )


def short_of(evidence: Evidence, side: str) -> Iterator[str]:
    """What is not reached yet."""
    if evidence.highest < evidence.bar:
        yield f"the evidence {side} is {evidence.log:.2f} nats of {evidence.bar:.2f} needed"
    if evidence.without_any_one < evidence.others_bar:
        alone = (
            f"without {evidence.leans_on} it" if evidence.leans_on else "without any one analyst it"
        )
        yield (
            f"{alone} came to {evidence.without_any_one:.2f} nats of {evidence.others_bar:.2f}"
            " needed: nobody decides alone"
        )
