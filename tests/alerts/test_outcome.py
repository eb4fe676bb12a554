"""Helpers of one bin: which streams are named, what each counts, what is reckoned when asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.outcome import Counted, Outcome, counted, named
from alerts.types import Evidence, Stream

STREAMS = (Stream(), Stream("Oil"), Stream("Legal"), Stream(target="Acme"))
PAIRS = st.tuples(st.integers(0, 9), st.integers(0, 9))


@given(st.dictionaries(st.sampled_from((*STREAMS, Stream("Elsewhere"))), PAIRS))
def test_rows_are_those_that_asking_stream_by_stream_gives(
    counts: dict[Stream, tuple[int, int]],
) -> None:
    assert counted(STREAMS, counts).tolist() == [list(counts.get(s, (0, 0))) for s in STREAMS]
    assert named(STREAMS, counts.keys()).tolist() == [s in counts for s in STREAMS]
    assert counted(STREAMS, counts).dtype == np.int64
    assert named(STREAMS, counts).dtype == np.bool_


def row(feed: str) -> Counted:
    start = datetime(2031, 3, 3, tzinfo=UTC)
    return Counted(
        "coverage_hole", feed, Evidence(Stream(), start, timedelta(hours=1), 1, 0, 0.2, 0.1, 0.1)
    )


def test_counts_are_reckoned_only_when_they_are_asked_for_and_in_order() -> None:
    asked: list[str] = []

    def reckon(feed: str) -> tuple[Counted, ...]:
        asked.append(feed)
        return (row(feed),)

    both = Outcome(counting=(lambda: reckon("tidewater"),)) + Outcome(
        counting=(lambda: reckon("granary"),)
    )
    assert not asked
    assert [one.feed for one in both.counted] == ["tidewater", "granary"]
