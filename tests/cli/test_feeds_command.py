"""`downdraft feeds`: what is added, listed without keys, exported with them, and taken out."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from pathlib import Path

import pytest
from command_line import Command, Said, store_url

from monitor.daemon import sync_feeds
from monitor.opml import Listed, read_opml, write_opml
from monitor.store import feeds
from monitor.store.engine import open_store
from monitor.store.feeds import FeedRow

KEYED = "https://anna:hush1@t.example/rss?token=hush2&key=hush3"


@pytest.fixture
def run(downdraft: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """A `downdraft` command on a store of its own."""
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", store_url(tmp_path))
    return downdraft


def watched(folder: Path) -> dict[str, FeedRow]:
    with closing(open_store(store_url(folder))) as store, store.read() as tx:
        return {row.url: row for row in feeds.active(tx)}


def configured(folder: Path, url: str) -> str:
    """A configuration with this feed, which a daemon has begun with."""
    file = folder / "c.toml"
    file.write_text(f'[[feeds]]\nurl = "{url}"\n')
    from monitor.clock import wall_clock
    from monitor.config import load_settings

    with closing(open_store(store_url(folder))) as store:
        sync_feeds(store, load_settings(file), wall_clock())
    return str(file)


def test_times_of_feeds_are_written_as_everywhere(run: Command) -> None:
    run("feeds", "add", "https://t.example/rss")
    (row,) = json.loads(run("feeds", "list", "--json").out)
    assert row["due_at"].endswith("Z")
    assert len(row["due_at"]) == len("2031-03-04T12:00:00Z")


def test_keys_of_subscribers_are_shown_nowhere_and_stay_in_an_export_for_us_alone(
    run: Command, tmp_path: Path
) -> None:
    shown = [run("feeds", "add", KEYED)]
    shown += [run("feeds", "list"), run("feeds", "list", "--json"), run("status", "--json")]
    (tmp_path / "out.opml").write_text("older, and readable by all")
    shown.append(run("feeds", "export", "out.opml"))
    assert [said.code for said in shown] == [0] * 5
    assert not any("hush" in said.out + said.err for said in shown)
    assert all("https://t.example/rss" in said.out for said in shown[:4])
    (listed,) = read_opml((tmp_path / "out.opml").read_bytes())
    assert listed.url == KEYED
    assert "hush" not in listed.title
    assert stat.S_IMODE((tmp_path / "out.opml").stat().st_mode) == 0o600
    assert not list(tmp_path.glob(".*"))  # no draft is left


def test_a_feed_is_removed_by_what_it_is_shown_as_where_that_is_plain(
    run: Command, tmp_path: Path
) -> None:
    run("feeds", "add", KEYED, "--name", "Tidewater")
    run("feeds", "add", "https://t.example/rss?token=hush9", "--name", "Granary")
    assert run("feeds", "remove", "https://t.example/rss").refuses("2 feeds are shown so")
    assert run("feeds", "remove", "Granary").code == 0
    assert run("feeds", "remove", "https://t.example/rss").code == 0
    assert watched(tmp_path) == {}
    said = run("feeds", "remove", "https://t.example/rss")
    assert (said.code, said.is_one_line()) == (1, True)


def test_outlet_and_interval_go_out_and_come_back(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("feeds", "add", "https://t.example/rss", "--origin", "tide.example", "--interval", "900")
    run("feeds", "add", "https://u.example/rss")
    before = watched(tmp_path)
    run("feeds", "export", "out.opml")
    monkeypatch.setenv("DOWNDRAFT_POLL__INTERVAL_S", "60")
    monkeypatch.setenv("DOWNDRAFT_STORE__URL", f"sqlite:///{tmp_path / 'another.db'}")
    assert run("feeds", "import", "out.opml").out == "added 2 feeds from out.opml\n"
    with closing(open_store(f"sqlite:///{tmp_path / 'another.db'}")) as store, store.read() as tx:
        after = {row.url: row for row in feeds.active(tx)}
    kept = [(row.origin, row.interval_s, row.name) for row in before.values()]
    assert [(row.origin, row.interval_s, row.name) for row in after.values()] == kept
    assert ("tide.example", 900) in {(row.origin, row.interval_s) for row in after.values()}


def test_an_interval_below_what_the_configuration_takes_is_refused(run: Command) -> None:
    assert run("feeds", "add", "https://t.example/rss", "--interval", "9").code == 2


def test_an_import_says_what_is_new_and_what_was_there_and_leaves_the_rest(
    run: Command, tmp_path: Path
) -> None:
    entries = ["https://t.example/a", "feed://t.example/b", "file:///etc/passwd"]
    (tmp_path / "l.opml").write_bytes(write_opml(Listed(url, url) for url in entries))
    first, again = run("feeds", "import", "l.opml"), run("feeds", "import", "l.opml")
    assert first.out == "added 2 feeds from l.opml; 1 skipped\n"
    assert again.out == "added 0 feeds from l.opml; 2 were there already; 1 skipped\n"
    assert first.err.count("\n") == 1
    assert "file:///etc/passwd: skipped" in first.err
    assert set(watched(tmp_path)) == {"https://t.example/a", "http://t.example/b"}


def test_a_feed_that_is_watched_stays_as_it_is_when_a_list_names_it(
    run: Command, tmp_path: Path
) -> None:
    run("feeds", "add", "https://t.example/a", "--name", "Tidewater", "--interval", "900")
    before = watched(tmp_path)
    (tmp_path / "l.opml").write_bytes(write_opml([Listed("https://t.example/a", "Another")]))
    assert run("feeds", "import", "l.opml").code == 0
    assert watched(tmp_path) == before


def test_a_feed_of_the_configuration_is_taken_out_there(run: Command, tmp_path: Path) -> None:
    file = configured(tmp_path, KEYED)
    said = run("feeds", "remove", KEYED, "--config", file)
    assert said.refuses(f"https://t.example/rss: stands in {file}; take it out there")
    assert run("feeds", "remove", KEYED).refuses("stands in the configuration")
    assert set(watched(tmp_path)) == {KEYED}
    Path(file).write_text("")
    assert run("feeds", "remove", KEYED, "--config", file).code == 0


def test_an_export_that_cannot_be_written_exits_3(run: Command) -> None:
    run("feeds", "add", "https://t.example/rss")
    said: Said = run("feeds", "export", "/nope/x.opml")
    assert (said.code, said.is_one_line()) == (3, True)
    assert "/nope/x.opml: cannot be written: No such file or directory" in said.err


def test_check_resolves_the_hosts_of_feeds_that_were_added_by_command(
    run: Command, tmp_path: Path
) -> None:
    assert "feeds: none watched" in run("check").out
    file = configured(tmp_path, "http://127.0.0.1/rss")
    run("feeds", "add", "http://no-such-host.invalid/rss")
    said = run("check", "--config", file)
    assert said.code == 1
    assert "feeds: 2 watched, 1 of them added by command" in said.out
    assert "feed host 127.0.0.1: resolves" in said.out
    assert "BAD  feed host no-such-host.invalid: does not resolve" in said.out
