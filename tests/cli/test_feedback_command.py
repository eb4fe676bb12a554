"""`downdraft feedback`: the log goes out and comes back the same, all or none."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import Command, Said, store_url

from monitor.review.exchange import COLUMNS
from monitor.review.identity import verdict_id
from monitor.store import verdicts
from monitor.store.engine import open_store
from policy.verdicts import Verdict

NOON = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
PLAIN = Verdict(
    "", 'Mill burns, "again"', "Orsk Steel", "sentiment", "neutral", 0.1 + 0.2, 1 / 3, "anna",
    "reject", "negative", "wrong sentiment", NOON, "audit", "ck-1", "",
)  # fmt: skip
ROWS = (
    PLAIN,
    replace(PLAIN, text=" two\nlines, a tab\tand a ☃ ", answer="abstain", correction="", reason=""),
    replace(PLAIN, text="a return\rinside", shown="", propensity=1.0, why="gold", truth="negative"),
    replace(PLAIN, head="topic", shown="M&A | Investments", answer="confirm", correction="",
            reason="", at=NOON + timedelta(microseconds=250_000)),
    replace(PLAIN, shown="", correction="", reason="neither", why="disagreement"),
)  # fmt: skip
HEADER = ",".join(COLUMNS)
GOOD = "Mill burns,,sentiment,neutral,0.98,0.5,anna,confirm,,,2031-03-04T12:00:00Z"


@pytest.fixture
def run(downdraft: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """A `downdraft feedback` command on the store of the name given."""

    def command(*words: str, store: str = "one") -> Said:
        monkeypatch.setenv("DOWNDRAFT_STORE__URL", store_url(tmp_path, store))
        return downdraft("feedback", *words)

    return command


def log(folder: Path, store: str = "one") -> list[Verdict]:
    with closing(open_store(store_url(folder, store))) as opened, opened.read() as tx:
        return list(verdicts.stream(tx))


def logged(folder: Path) -> list[Verdict]:
    """ROWS, put into the store "one" as the queue would."""
    rows = [replace(row, id=verdict_id(row)) for row in ROWS]
    with closing(open_store(store_url(folder, "one"))) as store, store.write() as tx:
        verdicts.add(tx, rows, NOON)
    return rows


def a_file(folder: Path, *lines: str, header: str = HEADER) -> str:
    path = folder / "given.csv"
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return str(path)


def test_a_log_taken_to_a_fresh_store_is_the_same_log(run: Command, tmp_path: Path) -> None:
    rows = logged(tmp_path)
    first, second = str(tmp_path / "a.csv"), str(tmp_path / "b.csv")
    assert run("export", first).code == 0
    assert run("import", first, store="two").code == 0
    assert log(tmp_path, "two") == rows
    assert run("export", second, store="two").code == 0
    assert Path(first).read_bytes() == Path(second).read_bytes()
    assert not list(tmp_path.glob(".*"))  # no draft is left


def test_what_is_known_already_is_not_added_again(run: Command, tmp_path: Path) -> None:
    rows = logged(tmp_path)
    file = str(tmp_path / "a.csv")
    run("export", file)
    back = run("import", file, "--json")
    assert json.loads(back.out) == {"file": file, "verdicts": 5, "added": 0, "known": 5}
    away = run("import", file, "--json", store="two")
    assert json.loads(away.out) == {"file": file, "verdicts": 5, "added": 5, "known": 0}
    assert log(tmp_path) == rows


def test_the_columns_of_the_contract_alone_say_the_same_verdicts(
    run: Command, tmp_path: Path
) -> None:
    rows = logged(tmp_path)
    run("export", str(tmp_path / "a.csv"))
    with (tmp_path / "a.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert tuple(table[0])[: len(COLUMNS)] == COLUMNS
    with (tmp_path / "b.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(table)
    run("import", str(tmp_path / "b.csv"), store="two")
    found = log(tmp_path, "two")
    assert found == [replace(row, why="import", checkpoint="", truth="") for row in rows]


def test_standard_output_takes_the_same_table(run: Command, tmp_path: Path) -> None:
    logged(tmp_path)
    run("export", str(tmp_path / "a.csv"))
    said = run("export", "-")
    assert said.out == (tmp_path / "a.csv").read_bytes().decode()
    assert "5 verdicts" in said.err
    assert run("export", "-", "--json").code == 2


def test_times_of_any_zone_are_kept_in_utc(run: Command, tmp_path: Path) -> None:
    other = GOOD.replace("12:00:00Z", "14:00:00+02:00")
    said = run("import", a_file(tmp_path, GOOD, other), "--json")
    assert json.loads(said.out) | {"file": ""} == {
        "file": "", "verdicts": 2, "added": 1, "known": 1
    }  # fmt: skip
    assert [one.at for one in log(tmp_path)] == [NOON]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            ("neutral,0.98", "neutrl,0.98"),
            "unknown shown sentiment 'neutrl'; did you mean 'neutral'",
        ),
        (("confirm,", "reject,negativ"), "did you mean 'negative'"),
        (("sentiment", "mood"), "unknown head 'mood'; use one of: topic; sentiment"),
        (("confirm", "confrim"), "did you mean 'confirm'"),
        (("confirm,,", "reject,,because"), "unknown reason 'because'"),
        (("0.98", "0"), "propensity '0' is no probability in (0, 1]; write 1"),
        (("0.98", "1.01"), "propensity '1.01'"),
        (("0.98", "nan"), "propensity 'nan'"),
        (("0.5", ""), "selection ''"),
        (("00Z", "00"), "has no zone; write UTC as"),
        (("2031-03-04T12:00:00Z", "yesterday"), "no time that can be read"),
        (("Mill burns", " "), "no text"),
        (("anna", ""), "no analyst"),
        (("anna", "\x1b[31manna"), "analyst '\\x1b[31manna' is no name"),
        (("anna", "a" * 101), "is no name: at most 100 characters"),
        (("neutral,0.98", ",0.98"), "`shown` is empty"),
        (("confirm,", "confirm,negative"), "confirms 'neutral' and corrects it to 'negative'"),
        (("confirm,", "abstain,negative"), "abstains, but corrects to 'negative'"),
        (("confirm,", "reject,neutral"), "rejects 'neutral' and corrects it to the same"),
        (("neutral,0.98,0.5,anna,confirm", ",1,0.5,anna,reject"), "names a label; name one"),
        (("Mill burns", "Mill\0burns"), "a cell holds a NUL"),
        (("Mill burns", "Mill burns, badly"), "12 cells under 11 columns; quote texts"),
        (("Mill burns", '"Mill burns'), "mend its quotes"),
    ],
)
def test_one_wrong_row_is_told_with_its_line_and_nothing_is_added(
    run: Command, tmp_path: Path, changed: tuple[str, str], told: str
) -> None:
    two_lines = '"Port\ncloses"' + GOOD.removeprefix("Mill burns")
    file = a_file(tmp_path, two_lines, GOOD.replace(*changed))
    said = run("import", file)
    assert said.code == 3
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert f"{file}, line 4: " in said.err
    assert told in said.err
    assert log(tmp_path) == []


def test_missing_columns_are_named_with_what_was_found(run: Command, tmp_path: Path) -> None:
    said = run("import", a_file(tmp_path, GOOD, header=HEADER.replace("analyst", "annalist")))
    assert said.code == 3
    assert "no column analyst (is it 'annalist'?)" in said.err
    (tmp_path / "empty.csv").write_text("")
    said = run("import", str(tmp_path / "empty.csv"))
    assert said.code == 3
    assert "no column text, target" in said.err


def test_files_that_cannot_be_read_or_written_are_told_of(run: Command, tmp_path: Path) -> None:
    assert "no such file" in run("import", str(tmp_path / "none.csv")).err
    (tmp_path / "latin.csv").write_bytes(HEADER.encode() + b"\n\xe9")
    said = run("import", str(tmp_path / "latin.csv"))
    assert (said.code, "not UTF-8 at byte" in said.err) == (3, True)
    assert log(tmp_path) == []
    said = run("export", str(tmp_path / "none" / "a.csv"))
    assert (said.code, "cannot be written" in said.err) == (3, True)


def test_a_byte_order_mark_and_more_columns_do_no_harm(run: Command, tmp_path: Path) -> None:
    file = a_file(tmp_path, GOOD + ",x", header="\ufeff" + HEADER + ",desk")
    assert run("import", file).code == 0
    assert [one.text for one in log(tmp_path)] == ["Mill burns"]


def test_an_export_holds_no_tokens(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "a-token-of-at-least-16-letters"
    monkeypatch.setenv("DOWNDRAFT_ANALYSTS", json.dumps([{"name": "anna", "token": token}]))
    logged(tmp_path)
    said = run("export", "-")
    assert "anna" in said.out
    assert token not in said.out + said.err
