"""How far the analysts are believed, kept beside the state of a run that was re-estimated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file, save_file

from policy.learners.types import Panel
from policy.verdicts import Head

Panels = Mapping[Head, Panel]
_FILE = "panels.safetensors"
_PARTS = ("alpha", "kappa", "confusion")


def remember(folder: Path, panels: Panels) -> None:
    """Before the state that counts on it: a kill in between computes it again."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"{head}/{part}": getattr(panel, part).contiguous()
        for head, panel in panels.items()
        for part in _PARTS
    }
    save_file(tensors, folder / _FILE)


def remembered(folder: Path) -> Panels:
    tensors = load_file(folder / _FILE)
    heads: tuple[Head, ...] = ("topic", "sentiment")
    return {
        head: Panel(*(tensors[f"{head}/{part}"] for part in _PARTS))
        for head in heads
        if f"{head}/alpha" in tensors
    }
