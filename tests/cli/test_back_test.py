"""`downdraft replay` and `downdraft check --what-if` as they are typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Said

from monitor.store.engine import open_store
from policy.manifest import FALLBACK

AS_TYPED = (
    "import sys; from monitor.cli import main\n"
    "try: main()\n"
    "finally: print('torch' in sys.modules, file=sys.stderr)"
)


def downdraft(home: Path, *words: object, first: str = "") -> Said:
    """In a process and a folder of its own, which runs `first` before."""
    command = [sys.executable, "-c", first + AS_TYPED, *map(str, words)]
    root = str(Path(__file__).resolve().parents[2])
    environment = {"PYTHONPATH": root, "XDG_CACHE_HOME": str(home / "cache"), "PATH": ""}
    done = subprocess.run(
        command, cwd=home, env=environment, capture_output=True, text=True, timeout=240
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive that has been replayed once."""
    home = tmp_path_factory.mktemp("home")
    lines = [
        json.dumps({"ts": f"2031-03-{day:02}T{hour:02}:00:00Z", "title": f"Orsk {day} {hour}"})
        for day in (4, 5)
        for hour in range(0, 24, 3)
    ]
    (home / "a.jsonl").write_text("\n".join(lines))
    first = downdraft(home, "replay", "a.jsonl", "--policy", FALLBACK, "--json")
    assert first.code == 0, first.err
    return home


def test_a_replay_of_what_is_cached_says_the_same_and_loads_no_network(home: Path) -> None:
    again = downdraft(
        home, "replay", "a.jsonl", "--policy", FALLBACK, "--json", "--report", "page.html"
    )
    assert again.code == 0, again.err
    assert json.loads(again.out)["articles"] == 16
    assert again.err.rstrip().endswith("False")
    assert "<title>Back-test of a.jsonl" in (home / "page.html").read_text()


def test_a_torn_cache_is_told_on_standard_error_and_not_in_the_answer(home: Path) -> None:
    (kept,) = (home / "cache" / "downdraft").glob("stories-*.npy")
    kept.write_bytes(b"torn")
    said = downdraft(home, "replay", "a.jsonl", "--policy", FALLBACK, "--json")
    assert json.loads(said.out)["articles"] == 16
    assert "found anew" in said.err.replace("\n", "")


@pytest.mark.parametrize("report", ["no/page.html", "cache"])
def test_a_report_that_cannot_be_written_exits_3_before_anything_is_read(
    home: Path, report: str
) -> None:
    said = downdraft(home, "replay", "nowhere.jsonl", "--report", report)
    assert (said.code, said.out) == (3, "")
    assert f"{report}: cannot be written" in said.err
    assert not list(home.glob("no*"))


def test_a_device_that_does_not_exist_exits_2_before_anything_is_done(home: Path) -> None:
    said = downdraft(home, "replay", "a.jsonl", "--device", "abacus")
    assert said.code == 2
    assert "no such device" in said.err


def test_what_if_without_a_past_exits_3_and_with_a_broken_file_exits_2(home: Path) -> None:
    open_store(f"sqlite:///{home}/downdraft.db").close()
    (home / "changed.toml").write_text("[detect]\nalarms_per_week = 2.0\n")
    (home / "broken.toml").write_text("[detect]\nalarms = 2.0\n")
    said = downdraft(home, "check", "--what-if", "changed.toml")
    assert said.code == 3
    assert "no labelled stories yet" in said.err
    assert downdraft(home, "check", "--what-if", "broken.toml").code == 2
    missing = downdraft(home, "check", "--what-if", "nope.toml")
    assert missing.code == 2
    assert missing.err.startswith("downdraft: --what-if nope.toml: no such file; ")


@pytest.mark.parametrize("budget", ["0", "nan", "inf"])
def test_a_budget_that_promises_nothing_exits_2(home: Path, budget: str) -> None:
    said = downdraft(home, "replay", "a.jsonl", "--budget", budget)
    assert said.code == 2
    assert "a number of false alarms a week above 0" in said.err


def test_the_last_day_of_the_calendar_is_as_far_as_it_goes(home: Path) -> None:
    said = downdraft(
        home, "replay", "a.jsonl", "--policy", FALLBACK, "--json", "--to", "9999-12-31"
    )
    assert json.loads(said.out)["articles"] == 16


def test_brackets_in_strangers_words_are_no_style(home: Path) -> None:
    lines = [
        json.dumps({"ts": f"2031-03-04T{number % 24:02}:00:00Z", "title": f"Orsk mill {number}"})
        for number in range(200)
    ]
    wrong = json.dumps({"ts": "1970-01-01T00:00:00Z", "title": "Orsk [/b] slumps"})
    (home / "odd.jsonl").write_text("\n".join([wrong, *lines]))
    said = downdraft(home, "replay", "odd.jsonl", "--policy", FALLBACK, "--json")
    assert said.code == 0, said.err
    assert "Orsk [/b] slumps" in said.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_page_that_the_disk_has_no_room_for_costs_the_page_and_not_the_answer(
    home: Path,
) -> None:
    said = downdraft(
        home, "replay", "a.jsonl", "--policy", FALLBACK, "--json", "--report", "/dev/full"
    )
    assert said.code == 3
    assert json.loads(said.out)["articles"] == 16
    assert "/dev/full: cannot be written: No space left" in said.err


def test_a_disk_that_fills_up_half_way_leaves_the_page_that_was_there(home: Path) -> None:
    folder = home / "pages"
    folder.mkdir()
    (folder / "page.html").write_text("last week's")
    room = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))\n"
    asked = ("replay", "a.jsonl", "--policy", FALLBACK, "--no-cache", "--report", "pages/page.html")
    said = downdraft(home, *asked, first=room)
    assert said.code == 3
    assert "pages/page.html: cannot be written: File too large" in said.err
    assert [each.read_text() for each in folder.iterdir()] == ["last week's"]
    assert downdraft(home, *asked).code == 0
    assert [each.read_text()[:15] for each in folder.iterdir()] == ["<!doctype html>"]


def test_people_read_of_every_kind_that_was_raised(home: Path) -> None:
    hours = [hour for hour in range(24 * 16) if not 24 * 14 <= hour < 24 * 15]
    lines = [
        json.dumps({"ts": f"2031-03-{1 + hour // 24:02}T{hour % 24:02}:{part}:00Z", "title": title})
        for hour in hours
        for part in (10, 30, 50)
        for title in [f"Mill {hour * 7919 % 10007} opens gate {hour * 60 + part} of {part} yards"]
    ]
    (home / "hole.jsonl").write_text("\n".join(lines))
    said = downdraft(home, "replay", "hole.jsonl", "--policy", FALLBACK)
    assert said.code == 0, said.err
    assert "0 alerts, 0.00 per 100 stream-days" in said.out
    assert "besides 1 coverage hole: --json and --report list them" in said.out
