"""The watch-list: whole words, longest first."""

from __future__ import annotations

import pytest

from monitor.entities import WatchedName, WatchList

WATCHED = WatchList(
    [
        WatchedName("Acme", ("ACME", "Acme Corp")),
        WatchedName("Acme Bank", ("ACB",)),
        WatchedName("General Motors", ("GM", "$GM")),
        WatchedName("Moody's"),
        WatchedName("平安银行", ("平安",)),
        WatchedName("Groupe Été", ("l'été",)),
        WatchedName("Twin A", ("The Twins",)),
        WatchedName("Twin B", ("The Twins",)),
    ]
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Acme shares fall", ("Acme",)),
        ("acme's CFO quits", ("Acme",)),
        ("ACME’S LOSSES WIDEN", ("Acme",)),
        ("Acme-backed startup", ("Acme",)),
        ("Acme Bank cuts jobs", ("Acme Bank",)),
        ("Acme Bankers meet", ("Acme",)),
        ("Acmeology is no science", ()),
        ("superacme", ()),
        ("GM recalls cars", ("General Motors",)),
        ("$GM up, (GM) down", ("General Motors",)),
        ("gm crops banned", ()),
        ("GMO crops banned", ()),
        ("ACB and Acme, and ACB again", ("Acme Bank", "Acme")),
        ("Moody’s cuts Acme", ("Moody's", "Acme")),
        ("中国平安银行净利润下跌", ("平安银行",)),
        ("平安夜", ("平安银行",)),
        ("GROUPE ÉTÉ sinkt", ("Groupe Été",)),
        ("The Twins merge", ("Twin A", "Twin B")),
        ("İİİ Acme", ("Acme",)),
        ("", ()),
    ],
)
def test_names_are_found_as_a_reader_would(text: str, names: tuple[str, ...]) -> None:
    assert WATCHED.find(text) == names


def test_an_empty_list_finds_nothing() -> None:
    assert WatchList([]).find("Acme falls") == ()
    assert WatchList([WatchedName("Acme", ("",))]).find("nothing here") == ()
