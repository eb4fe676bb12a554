"""What the gate is told and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from policy.verdicts import Head

State = Literal["shadow", "promoted", "refused", "kept", "rolled_back"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One verdict on an item about which champion and challenger differ, in order of arrival."""

    z: int  # 1 the challenger is right, -1 the champion, 0 neither
    analyst: str
    head: Head
    text: str
    target: str
    champion_label: str
    challenger_label: str

    @property
    def right(self) -> str:
        """The right label by this verdict; "" where neither is."""
        return {1: self.challenger_label, -1: self.champion_label}.get(self.z, "")


@dataclass(frozen=True, slots=True)
class Ruling:
    """A state, why, and the figures behind it; "shadow" is undecided: go on."""

    state: State
    reasons: tuple[str, ...]  # sentences with figures; while undecided: how far it is
    figures: Mapping[str, Any]  # fit for JSON
