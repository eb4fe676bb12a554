"""A card that is written anew leaves everything else as it was, and is vouched for."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from policy.errors import CheckpointError
from policy.manifest import CARD, FALLBACK, rewrite_card, verify


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FALLBACK, tmp_path / "copy"))


def test_the_same_policy_under_another_card(copy: Path) -> None:
    before = verify(copy)
    rewrite_card(copy, "# Judged\n")
    after = verify(copy)
    assert (copy / CARD).read_text() == "# Judged\n"
    assert (after.id, after.metrics, after.libraries) == (
        before.id,
        before.metrics,
        before.libraries,
    )
    assert {name for name in before.files if before.files[name] != after.files[name]} == {CARD}
    assert sorted(each.name for each in copy.parent.iterdir()) == ["copy"], "no draft is left"


def test_what_is_no_checkpoint_gets_no_card(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        rewrite_card(tmp_path, "# Judged\n")
