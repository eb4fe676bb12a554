"""`downdraft policy promote` where learn.approvals asks for people: not alone, or it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from checkpoints import SHIPPED_ID
from command_line import Command, Said

from monitor.cli.deciding import person
from monitor.store import learning
from monitor.store.engine import Store

WHY = ("--reason", "oil is not watched here")


@pytest.fixture
def promote(downdraft: Command, candidate: str, tmp_path: Path) -> Command:
    """Of the candidate that was refused, under a configuration that asks for two."""
    (tmp_path / "two.toml").write_text("[learn]\napprovals = 2\n")

    def promoted(*words: object) -> Said:
        given = ("policy", "promote", candidate, *WHY, *words)
        return downdraft(*given, "--config", tmp_path / "two.toml")

    return promoted


def test_one_person_does_not_promote_where_two_must_approve(
    promote: Command, candidate: str, kept: Store
) -> None:
    for words in ((), ("--override", "  ")):
        said = promote(*words)
        assert said.refuses(
            f"{candidate}: needs 2 people by learn.approvals, has 1 ({person()}): others approve it"
            " once it has passed its gate (`downdraft policy approve`), or --override says why"
        )
    with kept.read() as tx:
        assert learning.newest_promotion(tx) is None


def test_an_override_is_shown_in_status_in_the_list_and_on_the_card(
    promote: Command, downdraft: Command, candidate: str
) -> None:
    said = promote("--override", "ben is  on leave", "--json")
    why = "oil is not watched here; with 1 of 2 approvals, overridden: ben is on leave"
    assert (said.code, said.json["reason"], said.json["by"]) == (0, why, person())
    assert "learn.overridden" in said.err
    for words in (("status",), ("policy", "list"), ("policy", "card", candidate)):
        assert f"by {person()}: {why}\n" in downdraft(*words).out


def test_going_back_is_one_persons_whatever_is_asked_for(
    promote: Command, downdraft: Command, tmp_path: Path
) -> None:
    promote("--override", "ben is on leave")
    back = ("policy", "rollback", "--reason", "worse", "--config", tmp_path / "two.toml", "--json")
    assert downdraft(*back).json["checkpoint"] == SHIPPED_ID


def test_an_override_of_nothing_is_refused(downdraft: Command, candidate: str) -> None:
    said = downdraft("policy", "promote", candidate, *WHY, "--override", "in a hurry")
    assert said.refuses("--override: nobody else has to approve this; leave it out")
