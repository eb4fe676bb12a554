"""English is counted, and of other languages what tells of itself or stands among its like."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.language_words import ENGLISH, FOREIGN
from monitor.languages import tongue, unread
from monitor.parse import parse
from monitor.types import Item

OTHERS = {
    "de": [
        "Orsk Stahl stürzt nach Gewinnwarnung ab",
        "Hafen Varna meldet Rekord beim Export von Getreide",
        "Gericht verschiebt Urteil gegen Halvorsen",
        "Notenbank lässt Zinsen unverändert",
        "Streik legt den Bahnverkehr in Graz lahm",
        "Tidewater Bank wechselt die Führung aus",
    ],
    "fr": [
        "Halvorsen Marine chute après un avertissement sur ses résultats",
        "La banque Tidewater nomme une nouvelle directrice",
        "Orsk Acier supprime deux usines dans le nord",
        "Le port de Varna bat son record",
        "Les syndicats appellent à la grève chez Granary",
        "Bourse: Lyon termine en baisse, la prudence domine",
    ],
    "es": [
        "Halvorsen se hunde en bolsa tras rebajar sus previsiones",
        "El puerto de Varna bate su récord de exportaciones",
        "La justicia congela las cuentas de Orsk Acero",
        "Tidewater nombra nueva directora para el banco",
        "Los sindicatos convocan huelga en Granary",
        "El grano sube por la sequía",
    ],
    "nl": [
        "Halvorsen zakt na winstwaarschuwing fors op de beurs",
        "Haven van Varna meldt recordjaar voor graan",
        "Rechter bevriest rekeningen van Orsk Staal",
        "Bank Tidewater krijgt nieuwe topvrouw",
        "Vakbond dreigt met staking bij Granary",
        "Rente blijft het hele jaar gelijk",
    ],
}
NEWS = [
    "Orsk Steel shares slump on profit warning",
    "Port of Varna reports record grain exports",
    "Société Tidewater names Müller as head of research",
    "Halvorsen Marine wins contract in Los Arcos",
    "Crédit Varna: La Rochelle unit posts loss",
    "BRIEF-Banco di Orsk Q1 earnings per share $0.26",
]
SCRIPTS = [
    "央行加息后股市暴跌",
    "苹果供应商Orsk Precision宣布裁员两千人",
    "Halvorsen Marine の株価が急落",
    "Акции Хальворсен упали после предупреждения",
    "Οι μετοχές της Orsk υποχωρούν",
    "أسهم هالفورسن تتراجع",
    "오르스크 철강 주가 급락",
    "ओर्स्क स्टील के शेयर गिरे",
]


def document(titles: list[str], language: str = "") -> list[Item]:
    return [Item(title, "", title, "", "", None, language) for title in titles]


@pytest.mark.parametrize("title", SCRIPTS)
def test_another_script_tells_by_itself(title: str) -> None:
    assert unread(document([*NEWS, title])) == {title}


def test_a_name_in_its_own_letters_is_no_other_language() -> None:
    told = [
        "Varna (瓦尔纳食品) falls to a low",
        "Σ-Metrics wins appeal",
        "Halvorsen ☂",
    ]
    assert unread(document(told)) == frozenset()


def test_three_small_words_and_no_english_one_tell_by_themselves() -> None:
    title = "Halvorsen Marine chute après un avertissement sur ses résultats"
    assert unread(document([*NEWS, title])) == {title}
    quoted = f"{title}, says the head of research"
    assert unread(document([*NEWS, quoted])) == frozenset()


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("declared", ["", "en-us", "own"])
def test_headlines_of_one_document_tell_together(language: str, declared: str) -> None:
    """Whatever is declared: "en" is what software writes by itself."""
    declared = language if declared == "own" else declared
    titles = OTHERS[language]
    assert not all(tongue(title).alone for title in titles)
    assert unread(document(titles, declared)) == set(titles)


@pytest.mark.parametrize("declared", ["", "en-gb", "us", "de"])
def test_english_stays_whatever_is_declared(declared: str) -> None:
    assert unread(document(NEWS, declared)) == frozenset()


def test_a_few_headlines_are_told_where_their_language_is_declared() -> None:
    few = OTHERS["de"][1:4]
    assert unread(document(few)) == frozenset()
    assert unread(document(few, "de-at")) == set(few)


def test_an_english_headline_among_foreign_ones_is_counted() -> None:
    among = "The Port of Varna is closed after the storm"
    assert unread(document([*OTHERS["de"], among])) == set(OTHERS["de"])


def test_parts_of_a_document_that_declare_other_languages_are_told_apart() -> None:
    mixed = [*document(NEWS, "en"), *document(OTHERS["es"], "es")]
    assert unread(mixed) == set(OTHERS["es"])


def test_links_handles_and_tickers_are_no_words() -> None:
    assert tongue("$DE and @der.und: https://x.example/das/und/nicht").foreign == 0


def test_no_word_is_of_both_kinds_and_none_is_a_letter() -> None:
    assert FOREIGN.isdisjoint(ENGLISH)
    assert [word for word in ENGLISH | FOREIGN if len(word) < 2 and word.isascii()] == []
    assert [word for word in ENGLISH | FOREIGN if word != word.lower()] == []


def english(shared_data: Path) -> Iterator[list[str]]:
    """Real headlines, file by file; some archives hold a few hundred in other languages."""
    for path in sorted((shared_data / "labelled").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield [row["text"] for row in csv.DictReader(file)]
    for path in sorted((shared_data / "archives").glob("*.jsonl.gz")):
        if "crypto" not in path.name:  # one in 25 is Spanish
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                yield [json.loads(line)["title"] for line in lines][:40_000]


def test_of_real_english_headlines_hardly_any_is_set_aside(shared_data: Path) -> None:
    total = aside = 0
    for titles in english(shared_data):
        for start in range(0, len(titles), 20):
            part = [
                Item(str(at), "", title, "", "", None, "en")
                for at, title in enumerate(titles[start : start + 20])
            ]
            total, aside = total + len(part), aside + len(unread(part))
    assert total > 80_000
    assert aside <= total / 2_000  # 17 of them tweets that are indeed in other languages


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("golem_iso8859-1.xml", 1.0),
        ("heise_rdf090.xml", 0.95),
        ("bbc_urdu.xml", 1.0),
        ("ibash_windows1251.xml", 1.0),
        ("bbc_news.xml", 0.0),
        ("koreatimes.xml", 0.0),
        ("japantoday_world.xml", 0.0),
    ],
)
def test_real_feeds_are_told_by_what_they_print(shared_data: Path, name: str, share: float) -> None:
    path = shared_data / "feeds" / "real_news" / name
    if not path.is_file():
        pytest.skip("../shared/data/feeds is missing: real feeds cannot be read here")
    found = parse(path.read_bytes(), "", "https://x.example/feed", datetime(2031, 3, 4, tzinfo=UTC))
    aside = len(unread(found.items)) / len(found.items)
    assert share <= aside <= (1.0 if share else 0.0)
