"""A daemon's label job in a process of its own: `python labeller.py URL NAME LOG [pause|die AT]`.

It labels by word lists as the checkpoint NAME, and writes to LOG what it is asked before it
answers. Before it answers batch AT it waits for a line on standard input, or is killed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from word_list import WordList

from monitor.config import Settings
from monitor.daemon import open_context
from monitor.jobs.label import label
from policy.types import Prediction

BATCH = 16


class Watched(WordList):
    """Word lists that say what they were asked, and that something befalls."""

    def __init__(self, name: str, log: Path, befalls: Callable[[int], None]) -> None:
        self.checkpoint, self._log, self._befalls, self._batches = name, log, befalls, 0

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        pairs = zip(texts, targets or (), strict=True)
        with self._log.open("a") as log:
            log.writelines(f"{text}\t{target}\n" for text, target in pairs)
        self._batches += 1
        self._befalls(self._batches)
        return super().label(texts, targets)


def settings_for(url: str) -> Settings:
    return Settings.model_validate(
        {"store": {"url": url}, "policy": {"batch": BATCH}, "watch": [{"name": "Halvorsen Marine"}]}
    )


def _befalling(what: str, at: int) -> Callable[[int], None]:
    def befall(batch: int) -> None:
        if batch == at and what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if batch == at and what == "pause":
            sys.stdin.readline()

    return befall


def main(url: str, name: str, log: str, what: str = "", at: str = "0") -> None:
    policy = Watched(name, Path(log), _befalling(what, int(at)))
    with open_context(settings_for(url), policy=policy) as context:
        while label(context):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
