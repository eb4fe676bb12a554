"""What a back-test shows people and pandas: one file that needs nothing else, and two frames."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pilot import CHROMIUM, browser
from test_replay import LEGAL, PLAN, START, WordList, entry, month

from alerts.types import Evidence, Stream
from monitor.archive import Entry
from monitor.events import Event
from monitor.frames import ALERTS, BINS, frames_of
from monitor.replay import Plan, Replayed, play
from monitor.replay_charts import EVIDENCE_BOTTOM, LEFT, RIGHT, SHARE_BOTTOM, View, column, draw
from monitor.replay_page import page, span
from monitor.replay_pictures import Flag, spaced

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CRISIS = START + 60 * DAY
HOSTILE = "Acme Lines fears <script>alert(1)</script> quarry canal ferry 77"
EVENTS = (
    Event(CRISIS, CRISIS + 9 * HOUR, "Acme & Sons halted"),
    Event(CRISIS + 3 * DAY, None, "rout"),
)


def archive() -> list[Entry]:
    crisis = month(crisis_day=60, days=65)
    hostile = [replace(e, title=HOSTILE) for e in crisis if e.title.startswith("Acme")][:1]
    return [*crisis, *hostile]


@pytest.fixture(scope="module")
def replayed() -> Replayed:
    return play(archive(), WordList(), replace(PLAN, topics=(LEGAL,), events=EVENTS))


@pytest.fixture(scope="module")
def html(replayed: Replayed) -> str:
    return page(replayed, "<acme>.jsonl.gz")


class Tags(HTMLParser):
    """Which tags a document opens, and whether each is closed."""

    VOID = ("meta", "link", "path", "line", "rect", "br", "circle")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_is_well_formed_and_needs_no_other_file(html: str) -> None:
    tags = Tags(html)
    assert tags.open == []
    assert not tags.names & {"script", "link", "img", "iframe", "object"}
    assert all(address.startswith("#") for address in tags.addresses)
    assert "@import" not in html
    assert "url(" not in html


def test_strangers_words_stay_words(html: str) -> None:
    assert "&lt;acme&gt;" in html
    assert "Acme &amp; Sons halted" in html
    assert "Acme & Sons" not in html
    assert "<script" not in html


def test_it_is_legible_in_light_in_dark_and_on_paper(html: str) -> None:
    assert "color-scheme: light dark" in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html


def test_alerts_have_their_five_headlines_and_events_say_who_found_them(
    html: str, replayed: Replayed
) -> None:
    (alert,) = replayed.document["alerts"]
    told = html.split('id="alert-1"')[1].split("</article>")[0]
    assert told.count("<li ") == 5
    assert alert["headlines"][0].split(" <")[0] in told
    rows = html.split('<table class="events">')[1]
    assert "#alert-1" in rows
    assert "no</span>" in rows
    assert "1 of 2" in html


def test_the_whole_and_each_stream_that_alarmed_have_a_picture(html: str) -> None:
    names = re.findall(r'aria-label="Negative share and evidence, ([^"]+)"', html)
    assert names[0] == "all news"
    assert set(names) >= {"Acme Lines", LEGAL}


def test_an_archive_without_an_alarm_has_a_page_too() -> None:
    quiet = play(archive()[:200], WordList(), Plan(topics=(LEGAL,)))
    assert "None was raised." in page(quiet, "quiet")


def test_frames_hold_every_bin_and_every_alert(replayed: Replayed) -> None:
    frames = frames_of(replayed)
    assert tuple(frames.bins.columns) == BINS
    assert tuple(frames.alerts.columns) == ALERTS
    whole = frames.bins.query("topic == '' and target == ''")
    assert whole.stories.sum() == replayed.document["stories"]
    assert whole.start.is_monotonic_increasing
    parents = frames.alerts.query("parent.isna() and kind == 'negative_share'")
    assert len(parents) == len(replayed.document["alerts"]) == 1
    assert str(frames.alerts["at"].dtype).endswith("UTC]")


def test_frames_without_alerts_keep_their_columns() -> None:
    frames = frames_of(play([entry(START, "Ferry waits", True)], WordList(), Plan()))
    assert tuple(frames.alerts.columns) == ALERTS
    assert frames.alerts.empty


def bins(shares: list[float]) -> list[Evidence]:
    """Ten stories an hour."""
    return [
        Evidence(Stream(), START + i * HOUR, HOUR, 10, round(10 * share), 0.2, 5.0 * share, 0.0)
        for i, share in enumerate(shares)
    ]


def heights(path: str) -> list[float]:
    return [float(point.split()[1]) for point in re.split("[ML]", path)[1:]]


def test_a_share_is_drawn_where_its_axis_says() -> None:
    chart = draw(column(bins([0.2] * 48), 0.05), View(START, START + 2 * DAY), 4.0)
    assert chart is not None
    at = {tick.text: tick.at for tick in chart.shares}
    assert heights(chart.share)[5:] == pytest.approx([at["20 %"]] * 43, abs=0.1)
    assert at["0 %"] == SHARE_BOTTOM


def test_evidence_that_reaches_the_limit_reaches_its_line_however_long_the_archive() -> None:
    peak = [0.1] * 20_000
    peak[12_345] = 0.8
    chart = draw(column(bins(peak), 0.05), View(START, START + 20_000 * HOUR), 4.0)
    assert chart is not None
    drawn = heights(chart.evidence)
    assert len(drawn) < 1000
    assert min(drawn) == pytest.approx(chart.threshold, abs=0.1)
    assert max(drawn) <= EVIDENCE_BOTTOM


def test_a_time_without_stories_breaks_the_line() -> None:
    told = bins([0.2] * 24 * 20)
    chart = draw(column(told[:96] + told[-96:], 0.05), View(START, START + 20 * DAY), 4.0)
    assert chart is not None
    assert chart.share.count("M") == chart.band.count("M") == 2


def test_a_view_without_stories_has_no_chart() -> None:
    view = View(START + 9 * DAY, START + 10 * DAY)
    assert draw(column(bins([0.2] * 24), 0.05), view, 4.0) is None


@pytest.mark.parametrize(
    ("days", "text"), [(5, "2 Mar"), (120, "Apr 2031"), (900, "Oct 2031"), (9000, "2032")]
)
def test_dates_on_the_axis_are_round_and_few(days: int, text: str) -> None:
    view = View(START, START + days * DAY)
    chart = draw(column(bins([0.2] * 48), 0.05), view, 4.0)
    assert chart is not None
    assert text in {tick.text for tick in chart.times}
    assert 2 <= len(chart.times) <= 9
    assert all(LEFT <= tick.at <= RIGHT for tick in chart.times)


def test_lengths_of_time_are_said_in_their_own_units() -> None:
    said = [span(length) for length in (HOUR / 2, HOUR, 3 * HOUR, DAY, 7 * DAY)]
    assert said == ["30 min", "1 hour", "3 hours", "1 day", "7 days"]


def test_numbers_that_would_be_printed_over_one_another_are_left_out() -> None:
    flags = [Flag(x, str(number), "", True, x) for number, x in enumerate((90.0, 60, 70, 85), 1)]
    assert [(flag.x, flag.text) for flag in spaced(flags)] == [
        (60, "2"),
        (70, ""),
        (85, "4"),
        (90, ""),
    ]


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
def test_what_is_wide_scrolls_within_its_panel_on_a_small_screen(html: str, tmp_path: Path) -> None:
    wide = html.replace('<th scope="col">What</th>', '<th scope="col">What' + "wide" * 99 + "</th>")
    (tmp_path / "page.html").write_text(wide)
    with browser(tmp_path / "profile") as pilot:
        size = {"width": 420, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        pilot.call("Emulation.setDeviceMetricsOverride", **size)
        pilot.open(f"file://{tmp_path}/page.html")
        pilot.until("true")
        assert "widewide" in pilot.read("document.querySelector('.events').innerText")
        assert pilot.read("document.documentElement.scrollWidth") <= 420
