"""The command line where something is wrong: one line that says what, and an exit code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from command_line import Command

from policy.manifest import FALLBACK, SHIPPED, describe


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("[poll]\nintervall_s = 3\n", "poll.intervall_s: unknown key; did you mean interval_s?"),
        ("[poll\n", "not valid TOML"),
        ("[poll]\ninterval_s = 'often'\n", "poll.interval_s"),
        ("[detect]\ntopics = ['Oil']\n", "no such topic: Oil"),
        ("[[receivers]]\nkind = 'fax'\nname = 'x'\n", "receivers.0"),
        (
            "[[receivers]]\nkind = 'webhook'\nname = 'x'\nurl = 'https://x'\nsecret_file = '/no'\n",
            "/no",
        ),
        ("[[receivers]]\nkind = 'chat'\nname = 'x'\n", "receivers.0.chat.url"),
        ("[[receivers]]\nkind = 'chat'\nname = 'x'\nurl_file = '/no'\n", "/no"),
    ],
)
def test_a_broken_configuration_exits_2_and_says_which_key(
    downdraft: Command, tmp_path: Path, toml: str, expected: str
) -> None:
    (tmp_path / "c.toml").write_text(toml)
    said = downdraft("status", "--config", "c.toml")
    assert said.code == 2
    assert said.is_one_line()
    assert "c.toml" in said.err
    assert expected in said.err


def test_a_configuration_that_is_missing_exits_2(downdraft: Command) -> None:
    said = downdraft("status", "--config", "nowhere.toml")
    assert (said.code, said.is_one_line()) == (2, True)


def test_an_unknown_environment_variable_of_ours_exits_2(
    downdraft: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNDRAFT_STOR__URL", "sqlite:///x.db")
    said = downdraft("status")
    assert said.code == 2
    assert "did you mean store?" in said.err


def test_the_environment_overrides_the_file(
    downdraft: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c.toml").write_text("[store]\nurl = 'sqlite:///file.db'\n")
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", "sqlite:///environment.db")
    assert downdraft("once", "detect", "--config", "c.toml").code == 0
    assert (tmp_path / "environment.db").exists()
    assert not (tmp_path / "file.db").exists()


def test_an_unreachable_database_exits_2_without_its_password(
    downdraft: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", "postgresql+psycopg://u:hush@127.0.0.1:1/x")
    said = downdraft("status")
    assert (said.code, said.is_one_line()) == (2, True)
    assert "hush" not in said.err


@pytest.mark.parametrize(
    "gone", ["layers.safetensors", "embeddings.safetensors", "labels.json", "manifest.json"]
)
def test_a_checkpoint_with_a_file_missing_exits_2_and_names_it(
    downdraft: Command, tmp_path: Path, gone: str
) -> None:
    shutil.copytree(SHIPPED, tmp_path / "ck")
    (tmp_path / "ck" / gone).unlink()
    said = downdraft("label", "x", "--policy", "ck")
    assert (said.code, said.is_one_line()) == (2, True)
    assert gone in said.err


def test_check_refuses_the_checkpoint_that_a_daemon_would_degrade_without(
    downdraft: Command, tmp_path: Path
) -> None:
    assert f"fallback: {describe(FALLBACK).id}" in downdraft("check").out
    (tmp_path / "c.toml").write_text("[policy]\ncheckpoint = 'nothing'\n")
    for command in (("check",), ("once", "label")):
        said = downdraft(*command, "--config", "c.toml")
        assert (said.code, said.is_one_line()) == (2, True)
        assert "nothing/manifest.json: missing" in said.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "no such file"),
        ("head,line\na,b\n", "text"),
        ("text,topic\nhello,Nonsense\n", "Nonsense"),
        ("", ""),
    ],
)
def test_a_labelled_file_that_cannot_serve_exits_3(
    downdraft: Command, tmp_path: Path, text: str | None, expected: str
) -> None:
    if text is not None:
        (tmp_path / "x.csv").write_text(text)
    said = downdraft("evaluate", "x.csv")
    assert (said.code, said.is_one_line()) == (3, True)
    assert "x.csv" in said.err
    assert expected in said.err


def test_an_unknown_job_exits_2_and_lists_the_jobs(downdraft: Command) -> None:
    said = downdraft("once", "dance")
    assert said.code == 2
    assert "poll, label, detect, deliver, learn, prune" in said.err


def test_an_unknown_alert_exits_1_and_says_nothing_on_standard_output(downdraft: Command) -> None:
    downdraft("feeds", "add", "https://t.example/feed")  # makes the store
    for options in ((), ("--json",)):
        said = downdraft("explain", "nothing", *options)
        assert (said.code, said.is_one_line()) == (1, True)
        assert "nothing: no such alert" in said.err


def test_an_unknown_option_exits_2(downdraft: Command) -> None:
    assert downdraft("status", "--loud").code == 2


def test_replay_needs_an_archive_that_is_there(downdraft: Command) -> None:
    said = downdraft("replay", "nowhere.jsonl")
    assert said.code == 3
    assert "nowhere.jsonl" in said.err


def test_a_gpu_that_is_not_there_exits_2(downdraft: Command) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    said = downdraft("label", "x", "--device", "cuda")
    assert (said.code, said.is_one_line()) == (2, True)
    assert "no GPU" in said.err


def test_a_bug_is_one_line_that_names_where_the_trace_is_kept(
    downdraft: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(settings: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("monitor.cli.service.load_settings", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said = downdraft("status")
    assert (said.code, said.is_one_line()) == (70, True)
    (trace,) = tmp_path.glob("downdraft-*.txt")
    assert str(trace) in said.err
    assert "KeyError" in trace.read_text()


def test_a_chat_that_cannot_be_written_to_exits_2_without_its_token(
    downdraft: Command, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("slak://hunter2hunter2\n")
    (tmp_path / "c.toml").write_text(
        "[[receivers]]\nkind = 'chat'\nname = 'room'\nurl_file = 'url'\n"
    )
    said = downdraft("check", "--config", "c.toml")
    assert (said.code, said.is_one_line()) == (2, True)
    assert "receiver room: slak://… is not an address that Apprise can write to" in said.err
    assert "hunter2" not in said.out + said.err
