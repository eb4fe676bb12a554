"""What `downdraft check` finds of files and folders that reviewing and learning need."""

from __future__ import annotations

from pathlib import Path

from command_line import Command, store_url

from monitor.cli.checking import findings
from monitor.cli.opening import opened_store
from monitor.clock import wall_clock
from monitor.config import Settings
from monitor.store import feeds
from monitor.store.feeds import NewFeed


def test_check_says_whether_the_gold_file_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "gold.csv"
    file.write_text("text,sentiment\nMill burns,negative\n")
    for path, ok in ((file, True), (tmp_path / "none.csv", False)):
        given = Settings.model_validate(
            {"store": {"url": store_url(tmp_path, "one")}, "review": {"gold_file": path}}
        )
        (found,) = [one for one in findings(given) if one.what == "gold file"]
        assert (found.ok, str(path) in found.said) == (ok, True)


def test_check_says_whether_learning_finds_its_folder_and_its_anchors(tmp_path: Path) -> None:
    good, bad, blocked = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "blocked"
    good.write_text("text,sentiment\nMill burns,negative\n")
    bad.write_text("text,sentiment\nMill burns,sad\n")
    blocked.write_text("a file stands in the way")
    for folder, anchors, told in (
        (tmp_path / "new" / "policies", good, [("learn folder", True), ("anchors", True)]),
        (blocked, bad, [("learn folder", False), ("anchors", False)]),
    ):
        given = Settings.model_validate(
            {
                "store": {"url": store_url(tmp_path, "one")},
                "learn": {"folder": str(folder), "anchors": [str(anchors)]},
            }
        )
        found = findings(given)
        assert [
            (one.what, one.ok) for one in found if one.what in ("learn folder", "anchors")
        ] == told


def test_check_warns_of_secrets_in_the_file_and_does_not_fail(
    tmp_path: Path, downdraft: Command
) -> None:
    token = "a-token-of-twenty-odd-letters"
    file = tmp_path / "downdraft.toml"
    file.write_text(
        f'[store]\nurl = "{store_url(tmp_path)}"\n[[analysts]]\nname = "anna"\ntoken = "{token}"\n'
    )
    said = downdraft("check", "--config", str(file))
    assert said.code == 0
    (line,) = (line for line in said.out.splitlines() if line.startswith("warn"))
    assert "[[analysts]] anna: token" in line
    assert "*_file" in line
    assert token not in said.out + said.err
    checks = downdraft("check", "--config", str(file), "--json").json["checks"]
    assert isinstance(checks, list)
    assert [one["what"] for one in checks if one["warning"]] == ["secrets"]


def test_check_warns_of_owned_outlets_that_nobody_has_heard_of(tmp_path: Path) -> None:
    owned = {"Alder Media": ["Alder.Example", "news.alder.example", "quince"]}
    given = Settings.model_validate(
        {
            "store": {"url": store_url(tmp_path)},
            "owners": owned,
            "feeds": [{"url": "https://www.alder.example/rss"}],
        }
    )
    (found,) = [one for one in findings(given) if one.what == "owners"]
    assert (found.ok, found.word) == (True, "warn")
    assert found.said == (
        "3 outlets of 1 owner; not heard of: news.alder.example (did you mean alder.example?), "
        "quince; spell outlets as the console does"
    )
    with opened_store(given) as store, store.write() as tx:
        feeds.add(tx, NewFeed("https://q.example", "Q", "Quince", 300), "added", wall_clock())
    (found,) = [one for one in findings(given) if one.what == "owners"]
    assert "quince" not in found.said
    well = given.model_copy(update={"owners": {"Alder Media": ("alder.example",)}})
    (found,) = [one for one in findings(well) if one.what == "owners"]
    assert (found.word.strip(), found.said) == ("ok", "1 outlet of 1 owner")
    none = given.model_copy(update={"owners": {}})
    assert not [one for one in findings(none) if one.what == "owners"]
