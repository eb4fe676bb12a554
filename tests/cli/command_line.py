"""What a command says, and with which code it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        document: dict[str, object] = json.loads(self.out)
        return document

    def is_one_line(self) -> bool:
        return self.out == "" and self.err.count("\n") == 1 and self.err.startswith("downdraft: ")

    def refuses(self, words: str) -> bool:
        """By one line and exit 2."""
        assert words in self.err, self.err
        return (self.code, self.out, self.err.count("\n")) == (2, "", 1)


Command = Callable[..., Said]


def store_url(folder: Path, name: str = "store") -> str:
    return f"sqlite:///{folder / name}.db"
