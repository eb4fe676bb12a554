"""What the detector keeps: through bytes, from earlier versions, under another checkpoint."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_counts import CONFIG, counts, ints, run

from alerts import baseline as base
from alerts import detector

NOBODY = np.zeros(3, dtype=np.bool_)


def test_another_checkpoint_takes_the_evidence_and_doubts_the_baseline() -> None:
    state = run(detector.start(3, CONFIG), range(900))
    fresh = detector.rebase(state, None, NOBODY)
    assert np.all(np.isneginf(fresh.log_m))
    assert state.ring.any()
    assert not fresh.ring.any()  # counts of the old checkpoint that nobody has learned yet
    before, after = state.baseline, fresh.baseline
    assert (before.negatives + before.others).max() > 250
    assert np.all(after.negatives + after.others <= 100 + 1e-9)
    assert np.allclose(
        after.negatives / (after.negatives + after.others),
        before.negatives / (before.negatives + before.others),
    )


def test_under_an_open_alert_another_checkpoint_takes_m_and_leaves_what_says_when_it_is_over() -> (
    None
):
    state = run(detector.start(3, CONFIG), range(300))
    for t in range(300, 306):
        state, _ = detector.step(state, ints(8, 8, 8), ints(7, 7, 7), t, CONFIG)
    held = np.array([False, True, False])
    known = base.Baseline(*(np.full(3, value) for value in (30.0, 70.0, 0.0, 0.0)))
    fresh = detector.rebase(state, known, held)
    assert np.all(np.isneginf(fresh.log_m))
    assert np.array_equal(fresh.s[1], state.s[1])
    assert np.array_equal(fresh.onset[1], state.onset[1])
    assert not fresh.s[[0, 2]].any()
    assert fresh.baseline is known


def test_a_state_that_goes_through_bytes_after_each_bin_changes_nothing() -> None:
    whole = run(detector.start(3, CONFIG), range(700))
    pieces = detector.start(3, CONFIG)
    for t in range(700):
        pieces, _ = detector.step(pieces, *counts(t), t, CONFIG)
        pieces = detector.unpack([detector.pack(pieces, k) for k in range(3)], CONFIG)
    assert [detector.pack(pieces, k) for k in range(3)] == [
        detector.pack(whole, k) for k in range(3)
    ]


def test_a_stream_fits_into_512_bytes() -> None:
    assert len(detector.pack(run(detector.start(3, CONFIG), range(100)), 0)) <= 512


@pytest.mark.parametrize("data", [None, b"", b"\x07\x04\x18\x00" + bytes(300)])
def test_bytes_of_another_version_are_a_stream_not_yet_known(data: bytes | None) -> None:
    state = detector.unpack([data], CONFIG)
    assert detector.pack(state, 0) == detector.pack(detector.start(1, CONFIG), 0)


@pytest.mark.parametrize("version", [1, 2])
def test_bytes_of_earlier_versions_keep_what_was_learned(version: int) -> None:
    state = run(detector.start(3, CONFIG), range(600))
    today, wander, cells = detector.pack(state, 0), state.wander[0].nbytes, state.cells[0].nbytes
    before = bytes([version]) + today[1 : -(wander + (cells if version == 1 else 0))]
    found = detector.unpack([before], CONFIG)
    assert found.baseline.negatives[0] == state.baseline.negatives[0] > 0
    assert found.cells.any() == (version == 2)
    assert state.wander[0].any()
    assert not found.wander.any()
