"""A store with a candidate that was refused, and the command line beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from checkpoints import SHIPPED_ID, opening, write_checkpoint
from command_line import Command, store_url

from monitor.store import learning, trials
from monitor.store.engine import Store, open_store
from monitor.store.learning import KnownCheckpoint


@pytest.fixture
def downdraft(downdraft: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs a command beside the store."""
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", store_url(tmp_path))
    open_store(store_url(tmp_path)).close()
    return downdraft


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(store_url(tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def candidate(kept: Store, tmp_path: Path, noon: datetime) -> str:
    """Learned from verdicts, and refused by the gate."""
    folder = tmp_path / "policies" / "first"
    id_ = write_checkpoint(folder, "one")
    with kept.write() as tx:
        row = KnownCheckpoint(id_, str(folder), SHIPPED_ID, "verdict_likelihood", {}, noon)
        learning.add_checkpoint(tx, row)
        trials.begin(tx, opening(id_, noon, state="refused", reasons=("topic forgets oil",)))
    return id_
