"""Ids that are computed, not drawn, so that the same thing said twice is told from a new one."""

from __future__ import annotations

import hashlib
from datetime import UTC

from policy.verdicts import Verdict


def digest(*parts: str) -> str:
    text = "\x1f".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def item_id(analyst: str, text: str) -> str:
    """No analyst is asked twice about the same words, whatever story they stand for.

    Gold items are named in the same way, so that an id tells nothing.
    """
    return digest("item", analyst, " ".join(text.casefold().split()))


def verdict_id(verdict: Verdict) -> str:
    """Of what a verdict says, its own id and what we noted beside it aside.

    Exported and imported again it is the same verdict.
    """
    return digest(
        verdict.text, verdict.target, verdict.head, verdict.shown,
        repr(float(verdict.propensity)), repr(float(verdict.selection)),
        verdict.analyst, verdict.answer, verdict.correction, verdict.reason,
        verdict.at.astimezone(UTC).isoformat(),
    )  # fmt: skip
