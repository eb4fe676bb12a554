"""Labelled headlines as an environment: what is seen, what is earned, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from env_rows import POSITIVE, headlines, log

from policy.data import Example
from policy.env import Headlines, Verdicts, by_table
from policy.env.encoded import encoded_by
from policy.errors import DataError
from policy.reward import read_rewards
from policy.types import SENTIMENTS, TOPICS


def test_a_headline_is_seen_as_its_text_with_what_is_asked_about_in_front() -> None:
    rows = [Example("Orbena &amp; Norcast merge\n", sentiment="neutral")]
    assert Headlines(rows).reset()[0] == "Orbena & Norcast merge"
    rows = [Example("Orbena sues Norcast", target="Norcast", sentiment="negative")]
    assert Headlines(rows).reset()[0] == "Norcast: Orbena sues Norcast"


def test_answers_earn_one_where_right_and_what_is_told_is_no_label() -> None:
    rows = headlines(30)
    env = Headlines(rows)
    _, info = env.reset(seed=0)
    for _ in range(30):
        truth = SENTIMENTS.index(rows[info["row"]].sentiment or "")
        _, reward, *_, info = env.step(POSITIVE)
        assert reward == float(truth == POSITIVE)
        assert set(info) == {"row", "answered", "best"}


def test_answers_may_earn_what_the_table_of_rewards_says() -> None:
    rows = [Example("Norcast sinks", sentiment="negative")]
    env = Headlines(rows, reward=by_table(read_rewards().sentiment))
    earned = []
    for action in range(3):
        env.reset()
        _, reward, *_, info = env.step(action)
        earned.append(reward)
        assert info["best"] == 1
    assert earned == [1.0, -0.25, -0.5]


def test_rows_without_a_label_of_the_head_are_not_shown_and_files_are_read(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("text,topic,sentiment\nNorcast sinks,,negative\nOrbena pays,Dividend,\n")
    env = Headlines(file, "topic")
    assert env.labels == TOPICS
    assert env.reset()[0] == "Orbena pays"
    assert env.step(TOPICS.index("Dividend"))[1:3] == (1.0, True)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Headlines([]), "nothing to step over"),
        (lambda: Headlines([Example("  ", sentiment="neutral")]), "without text"),
        (lambda: Headlines(headlines(4), episode_length=5), "episode_length 5: give 1 to 4"),
        (lambda: Headlines(headlines(4), episode_length=0), "episode_length 0: give 1 to 4"),
        (lambda: Headlines(headlines(4), features=lambda t, g: np.zeros(4)), "not (N, D)"),
        (lambda: Headlines(headlines(4), features=lambda t, g: np.zeros((3, 2))), "not (N, D)"),
        (
            lambda: Headlines(headlines(4), features=lambda t, g: np.full((4, 2), np.nan)),
            "not finite",
        ),
        (lambda: Headlines("/nowhere.csv"), "no such file"),
        (lambda: Verdicts(log(4), replay="dr"), "replay 'dr' is none of matched"),  # type: ignore[arg-type]
        (lambda: Verdicts(log(4, propensity=0.0)), "verdict v00000: propensity 0.0"),
        (lambda: Verdicts(log(4, answer="abstain")), "nothing to step over"),
    ],
)
def test_what_cannot_be_stepped_over_gets_one_line(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(DataError) as caught:
        make()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_features_may_be_those_of_an_encoder(tiny_bert: Path, tmp_path: Path) -> None:
    rows = headlines(12)
    env = Headlines(rows, features=encoded_by(str(tiny_bert), tmp_path))
    seen, info = env.reset(seed=0)
    assert seen.shape == (32,)
    assert float(np.square(seen).sum()) == pytest.approx(1.0, abs=1e-5)
    again = Headlines([rows[info["row"]]], features=encoded_by(str(tiny_bert), tmp_path))
    np.testing.assert_allclose(again.reset()[0], seen, atol=1e-5)
