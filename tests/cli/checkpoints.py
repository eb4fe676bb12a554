"""Checkpoints whole by their manifests, and the trials that a candidate stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.store.trials import Opening
from policy.manifest import CARD, LINEAR, SHIPPED, describe, seal

SHIPPED_ID = describe(SHIPPED).id


def write_checkpoint(folder: Path, weights: str) -> str:
    """Whole by its manifest; nothing here opens it."""
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_text(weights)
    (folder / CARD).write_text(f"# Policy {weights}\n")
    made = seal(
        folder, encoder=LINEAR, created_by="a test", data={}, metrics={}, libraries=(),
        parent=SHIPPED_ID,
    )  # fmt: skip
    return made.id


def opening(challenger: str, at: datetime, **changes: Any) -> Opening:
    known = Opening("promotion", challenger, SHIPPED_ID, 1, 0, 0, at, {})
    return replace(known, **changes)
