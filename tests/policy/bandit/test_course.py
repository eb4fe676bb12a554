"""Orders of the stream."""

from __future__ import annotations

import numpy as np
from courses import led


def test_a_new_label_is_in_no_row_before_half_time() -> None:
    way = led("new-topic")
    assert way.newcomer is not None
    assert not (way.warm.truth == way.newcomer).any()
    new = (way.stream.truth == way.newcomer).numpy()
    assert not new[: way.half - new.sum()].any()
    assert new.sum() > 20
    assert len(way.stream) == 600


def test_half_of_the_labels_come_mostly_early() -> None:
    way = led("prior-shift")
    assert len(way.stream) == 600
    early = [
        float((way.stream.truth[:300] == label).sum() / (way.stream.truth == label).sum())
        for label in range(way.labels)
    ]
    assert min(early) < 0.4
    assert max(early) > 0.6


def test_most_of_a_narrow_review_is_of_one_label() -> None:
    truth = led("one-topic").stream.truth.numpy()
    assert abs(np.bincount(truth).max() / len(truth) - 0.8) < 0.01


def test_the_name_aimed_at_is_that_of_the_targets() -> None:
    way = led()
    assert 0.01 < way.named.mean() < 0.2
    assert way.test_named.any()
