"""Commands that ask about a store make none where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Command

from policy.manifest import SHIPPED, describe

WHY = ("--reason", "a test")


@pytest.mark.parametrize(
    "words",
    [
        ("feeds", "remove", "https://t.example/feed"),
        ("feeds", "export", "out.opml"),
        ("explain", "1102892d3e28"),
        ("feedback", "export", "out.csv"),
        ("policy", "show", "0123456789ab"),
        ("policy", "promote", "0123456789ab", *WHY),
        ("policy", "rollback", *WHY),
        ("policy", "approve", "0123456789ab", *WHY),
        ("policy", "refuse", "0123456789ab", *WHY),
        ("check", "--what-if", "changed.toml"),
        ("receivers", "resend", "--all"),
        ("receivers", "drop", "msg_1"),
    ],
)
def test_what_asks_about_a_store_that_is_not_there_says_so_and_makes_none(
    downdraft: Command, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "changed.toml").write_text("")
    said = downdraft(*words)
    assert said.refuses("no store at downdraft.db")
    assert {file.name for file in tmp_path.iterdir()} == {"changed.toml"}


@pytest.mark.parametrize(
    "words",
    [
        ("policy", "list"),
        ("receivers", "list"),
        ("feeds", "list"),
        ("status",),
        ("learn",),
        ("learn", "--dry-run"),
    ],
)
def test_what_can_be_told_without_a_store_is_told(
    downdraft: Command, tmp_path: Path, words: tuple[str, ...]
) -> None:
    said = downdraft(*words, "--json")
    assert said.code == 0
    assert said.out.startswith(("[", "{"))
    assert said.err == "downdraft: no store at downdraft.db yet\n"
    assert list(tmp_path.iterdir()) == []


def test_check_says_that_there_is_no_store_yet_and_leaves_it_to_the_daemon_to_make_one(
    downdraft: Command, tmp_path: Path
) -> None:
    said = downdraft("check")
    assert said.code == 0
    assert said.out.startswith("ok   store: downdraft.db: none yet; `downdraft run` makes it\n")
    assert "feeds: none watched" in said.out
    assert list(tmp_path.iterdir()) == []


def test_check_refuses_a_place_where_the_daemon_could_not_make_one(
    downdraft: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", "sqlite:///nowhere/downdraft.db")
    assert downdraft("check").refuses("store nowhere/downdraft.db: cannot be made: its folder")
    assert list(tmp_path.iterdir()) == []


def test_without_a_store_the_checkpoint_that_ships_is_live(downdraft: Command) -> None:
    said = downdraft("policy", "list")
    assert said.out.startswith(f"{describe(SHIPPED).id}  live")


def test_the_word_of_a_database_that_cannot_be_opened_is_another(
    downdraft: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", "nothing at all")
    assert downdraft("status").refuses("cannot be opened")
