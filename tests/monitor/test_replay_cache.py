"""What back-tests keep for one another: whoever is stopped, crowded or shut out loses no answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from monitor import replay_labels
from monitor.replay_cache import keep, read
from monitor.replay_labels import Ask, Labeller
from policy.types import SENTIMENTS, TOPICS, Prediction, Tier

NEWS: list[Ask] = [(f"Headline {number}", "") for number in range(6)]


class Stopped(Exception):
    """Somebody pulled the plug."""


class Calm:
    """Every headline is calm; asked for the last one of NEWS it can be made to stop."""

    checkpoint = "calm-1"
    tier: Tier = "fallback"

    def __init__(self, stops: bool = False) -> None:
        self.asked: list[str] = []
        self._stops = stops

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        if self._stops and NEWS[-1][0] in texts:
            raise Stopped
        self.asked += texts
        topics = tuple(float(topic == TOPICS[0]) for topic in TOPICS)
        calm = tuple(float(mood == "neutral") for mood in SENTIMENTS)
        return [Prediction.likeliest(topics, calm) for _ in texts]


def test_who_is_stopped_loses_no_more_than_a_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_labels, "CHUNK", 2)
    with pytest.raises(Stopped):
        Labeller(Calm(stops=True), tmp_path).label(NEWS)
    again = Calm()
    assert len(Labeller(again, tmp_path).label(NEWS)) == 6
    assert again.asked == ["Headline 4", "Headline 5"]


def test_the_bar_is_there_before_the_first_batch_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_labels, "CHUNK", 4)
    shown: list[tuple[int, int]] = []
    labeller = Labeller(Calm(), tmp_path)
    for _ in range(2):  # the second time there is nothing to wait for
        labeller.label(NEWS, lambda *at: shown.append(at))
    assert shown == [(0, 6), (4, 6), (6, 6)]


def test_two_at_once_keep_what_either_has_learned(tmp_path: Path) -> None:
    one, other = Labeller(Calm(), tmp_path), Labeller(Calm(), tmp_path)
    one.label(NEWS[:3])
    other.label(NEWS[3:])
    third = Calm()
    Labeller(third, tmp_path).label(NEWS)
    assert third.asked == []
    assert [path.name for path in tmp_path.iterdir()] == ["counted-calm-1.npy"]


def test_a_folder_that_cannot_be_written_is_said_once_and_costs_no_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_labels, "CHUNK", 2)
    (tmp_path / "cache").write_text("a file")
    said: list[str] = []
    assert len(Labeller(Calm(), tmp_path / "cache", said.append).label(NEWS)) == 6
    (line,) = said
    assert "the labels cannot be kept" in line


def test_a_disk_that_fills_up_leaves_the_older_file_and_no_half_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, said = tmp_path / "counted.npy", list[str]()
    assert keep(path, np.arange(3), "labels", said.append)

    def full(at: Path, content: bytes) -> None:
        at.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert not keep(path, np.arange(9), "labels", said.append)
    assert said == [f"{path}: the labels cannot be kept: No space left on device"]
    assert [kept.name for kept in tmp_path.iterdir()] == ["counted.npy"]
    assert np.array_equal(np.load(path), np.arange(3))


@pytest.mark.parametrize("harm", ["half", "zeros", "another", "topics", "header"])
def test_labels_that_are_torn_or_of_something_else_are_made_anew_with_one_line(
    tmp_path: Path, harm: str
) -> None:
    Labeller(Calm(), tmp_path).label(NEWS)
    (kept,) = tmp_path.iterdir()
    whole, rows = kept.read_bytes(), np.load(kept)
    if harm == "another":
        np.save(kept, np.arange(6))
    elif harm == "topics":
        rows["topic"] = 255
        np.save(kept, rows)
    else:
        harmed = {
            "half": whole[: len(whole) // 2],
            "zeros": bytes(len(whole)),
            "header": whole.replace(b"'descr'", b"'descr("),
        }
        kept.write_bytes(harmed[harm])
    said: list[str] = []
    policy = Calm()
    assert len(Labeller(policy, tmp_path, said.append).label(NEWS)) == 6
    assert len(policy.asked) == 6
    (line,) = said
    assert kept.name in line
    assert "labelled anew" in line
    assert read(kept) is not None
