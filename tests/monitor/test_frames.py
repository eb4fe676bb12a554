"""Back-tests with pandas: headlines in, bins and alerts out, the same as from an archive's file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from monitor.frames import entries_of
from policy.errors import DataError

TEN = datetime(2031, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "ts",
    [
        ["2031-03-01T10:00:00Z", "2031-03-01T11:00:00Z"],
        pd.to_datetime(["2031-03-01 10:00", "2031-03-01 11:00"]),
        pd.to_datetime(["2031-03-01 19:00", "2031-03-01 20:00"]).tz_localize("Asia/Tokyo"),
    ],
    ids=("text", "without a zone", "with a zone"),
)
def test_times_are_utc_instants_however_they_are_written(ts: object) -> None:
    first, second = entries_of(pd.DataFrame({"ts": ts, "title": ["Oil falls", "Gold  rises"]}))
    assert (first.at, second.at) == (TEN, TEN + timedelta(hours=1))
    assert first.timed
    assert second.title == "Gold rises"


def test_times_that_are_all_midnight_are_days() -> None:
    ts = pd.to_datetime(["2031-03-01", "2031-03-02"])
    entries = entries_of(pd.DataFrame({"ts": ts, "title": ["a", "b"]}))
    assert [entry.timed for entry in entries] == [False, False]


def test_what_is_known_besides_is_taken_and_holes_are_nothing() -> None:
    frame = pd.DataFrame(
        {
            "ts": ["2031-03-01T10:00:00Z"] * 2,
            "title": ["a", "b"],
            "source": ["Wire", None],
            "entity": [["Orsk Steel"], float("nan")],
        }
    )
    first, second = entries_of(frame)
    assert (first.origin, first.names) == ("Wire", ("Orsk Steel",))
    assert (second.origin, second.names) == ("", ())


def test_a_frame_without_its_columns_or_with_an_odd_time_is_one_clear_line() -> None:
    with pytest.raises(DataError, match="column title is missing"):
        entries_of(pd.DataFrame({"ts": []}))
    with pytest.raises(DataError, match="frame, row 1: 'soon' is no time"):
        entries_of(pd.DataFrame({"ts": ["2031-03-01", "soon"], "title": ["a", "b"]}))
    with pytest.raises(DataError, match="frame, row 0: title and ts are needed"):
        entries_of(pd.DataFrame({"ts": ["2031-03-01"], "title": [None]}))
