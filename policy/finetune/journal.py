"""TensorBoard event files of a run of learning."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from tensorboardX import SummaryWriter


class Journal:
    """Curves by step. A run that goes on after a kill takes back what it will write again."""

    def __init__(self, folder: Path, step: int) -> None:
        """Files go into `folder`; `step` is where the run stands."""
        # Files are named by the second: a run taken up within one must not write over its own past.
        self._writer = SummaryWriter(
            str(folder), purge_step=step + 1 if step else None, filename_suffix=f".{step}"
        )

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    def write(self, step: int, figures: Mapping[str, Any], under: str = "") -> None:
        """Every number in `figures`; what is nested is named by its path: `kl/topic`."""
        for name, each in figures.items():
            path = f"{under}{name}"
            if isinstance(each, Mapping):
                self.write(step, each, f"{path}/")
            else:
                self._writer.add_scalar(path, each, step)
