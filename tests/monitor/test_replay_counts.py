"""A back-test counts what the policy believes, with fresh labels and with cached ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monitor.archive import Entry
from monitor.replay import Plan, replay
from monitor.replay_labels import Answer, Labeller
from policy.types import TOPICS, Prediction, Tier

START = datetime(2031, 3, 1, tzinfo=UTC)
OIL = "Energy | Oil"
CHANCES = {True: (0.5, 0.25, 0.25), False: (0.25, 0.5, 0.25)}  # exact in 32 bits
OLD_ROW = np.dtype([("key", "<u8"), ("topic", "u1"), ("sentiment", "u1"), ("negative", "<f4")])
FEAR, CALM = ("Ferry fears for the harvest", ""), ("Ferry waits for the harvest", "")


class Tuned:
    """Believes fears to be negative, and chooses `sentiment` of everything."""

    checkpoint = "tuned-1"
    tier: Tier = "cpu"

    def __init__(self, sentiment: str) -> None:
        self.sentiment = sentiment
        self.asked = 0

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        self.asked += len(texts)
        topics = tuple(float(topic == OIL) for topic in TOPICS)
        return [Prediction(topics, CHANCES["fears" in each], OIL, self.sentiment) for each in texts]


def archive() -> list[Entry]:
    """Four stories an hour for three weeks, one in four of them bad; then six bad hours."""
    rng, entries = np.random.default_rng(7), []
    for hour in range(21 * 24):
        bad = 4 if hour >= 21 * 24 - 6 else 1
        for place in range(4):
            words = " ".join(f"w{word}" for word in rng.integers(0, 10**6, size=6))
            title = f"Board {'fears' if place < bad else 'awaits'} {words}"
            at = START + timedelta(hours=hour, minutes=10 * place)
            entries.append(Entry(at, True, title, f"wire {place % 2}", "", ()))
    return entries


def told(policy: Tuned) -> dict[str, Any]:
    return {**replay(archive(), policy, Plan(topics=(OIL,))), "seconds": 0}


def test_a_tuning_of_the_choices_changes_nothing_in_a_back_test() -> None:
    anxious, blithe = told(Tuned("negative")), told(Tuned("positive"))
    assert anxious == blithe
    (alert,) = anxious["alerts"]
    assert alert["negatives"] >= 12
    assert alert["baseline"] == pytest.approx(0.25, abs=0.05)


@pytest.mark.parametrize("chosen", ["negative", "neutral"])
def test_an_answer_says_what_is_believed_also_out_of_the_cache(tmp_path: Path, chosen: str) -> None:
    first, second = Tuned(chosen), Tuned(chosen)
    expected = {FEAR: Answer(OIL, True, 0.5), CALM: Answer(OIL, False, 0.25)}
    assert Labeller(first, tmp_path).label([FEAR, CALM]) == expected
    assert Labeller(second, tmp_path).label([FEAR, CALM]) == expected
    assert (first.asked, second.asked) == (2, 0)


@pytest.mark.parametrize("name", ["labels-tuned-1.npy", "counted-tuned-1.npy"])
def test_a_cache_of_the_older_layout_is_never_misread(tmp_path: Path, name: str) -> None:
    Labeller(Tuned("negative"), tmp_path / "other").label([FEAR])
    (file,) = (tmp_path / "other").iterdir()
    rows = np.array([(key, 0, 2, 0.5) for key in np.load(file)["key"]], dtype=OLD_ROW)
    np.save(tmp_path / name, rows)  # the label chosen was positive
    policy = Tuned("negative")
    assert Labeller(policy, tmp_path).label([FEAR])[FEAR] == Answer(OIL, True, 0.5)
    assert policy.asked == 1


@pytest.mark.parametrize("content", [b"", b"not an array", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_cache_is_made_anew(tmp_path: Path, content: bytes) -> None:
    Labeller(Tuned("negative"), tmp_path).label([FEAR])
    (file,) = tmp_path.glob("*.npy")
    file.write_bytes(content)
    policy = Tuned("negative")
    assert Labeller(policy, tmp_path).label([FEAR])[FEAR].negative is True
    assert policy.asked == 1
