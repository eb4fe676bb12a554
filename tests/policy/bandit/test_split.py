"""Which rows are known, judged and measured."""

from __future__ import annotations

import numpy as np
import pytest

from policy.bandit.split import sizes, split
from policy.errors import DataError


def test_near_duplicates_are_never_on_two_sides() -> None:
    groups = np.random.default_rng(3).integers(0, 200, 500)
    cut = split(groups.astype(np.int64), 50, 300, seed=1)
    sides = [set(groups[part].tolist()) for part in (cut.warm, cut.stream, cut.test)]
    assert not sides[0] & sides[1]
    assert not (sides[0] | sides[1]) & sides[2]


def test_every_row_has_a_place_and_the_parts_are_as_large_as_asked() -> None:
    cut = split(np.arange(500), 50, 300, seed=1)
    assert [len(part) for part in (cut.warm, cut.stream, cut.test)] == [50, 300, 150]
    assert sorted(np.concatenate([cut.warm, cut.stream, cut.test])) == list(range(500))


def test_another_seed_is_another_split_and_the_same_seed_the_same() -> None:
    first, again, other = (split(np.arange(500), 50, 300, seed) for seed in (1, 1, 2))
    assert (first.stream == again.stream).all()
    assert (first.stream != other.stream).any()


def test_a_group_larger_than_the_warm_start_goes_elsewhere() -> None:
    groups = np.concatenate([np.zeros(100), np.arange(1, 401)]).astype(np.int64)
    cut = split(groups, 50, 250, seed=4)
    assert len(cut.warm) == 50
    assert not (groups[cut.warm] == 0).any()


@pytest.mark.parametrize(
    ("rows", "warm", "verdicts", "expected"),
    [
        (15_285, 300, 9000, (300, 9000)),
        (4117, 300, 9000, (300, 2788)),
        (400, None, 9000, (100, 200)),
        (400, 300, 9000, (300, 50)),
        (2000, None, 500, (300, 500)),
    ],
)
def test_small_files_keep_a_test(
    rows: int, warm: int | None, verdicts: int, expected: tuple[int, int]
) -> None:
    assert sizes(rows, warm, verdicts) == expected


def test_too_few_rows_are_refused_in_one_line() -> None:
    with pytest.raises(DataError, match="310 labelled rows are too few for a warm start of 300"):
        sizes(310, 300, 9000)
