from __future__ import annotations

import doctest
import random
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.utils.env_checker import check_env

import policy.env
from policy.data import Example
from policy.env import Headlines, Verdicts, by_table
from policy.env.encoded import encoded_by
from policy.errors import DataError
from policy.learners.types import Panel
from policy.reward import read_rewards
from policy.types import SENTIMENTS, TOPICS
from policy.verdicts import Verdict

NEGATIVE, NEUTRAL, POSITIVE = range(3)
WORDS = ("sinks", "plunges", "meets", "holds", "soars", "rallies", "after", "talks", "again", "on")
MOODS = {"negative": WORDS[:2], "neutral": WORDS[2:4], "positive": WORDS[4:6]}
NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)


def headlines(count: int, seed: int = 0) -> list[Example]:
    draw = random.Random(seed)
    rows = []
    for index in range(count):
        mood = draw.choice(SENTIMENTS)
        text = f"Norcast {draw.choice(MOODS[mood])} {draw.choice(WORDS[6:])} {index}"
        rows.append(Example(text, "Norcast" if index % 3 == 0 else "", "Macro", mood))
    return rows


def bag(texts: Sequence[str], targets: Sequence[str]) -> np.ndarray:
    """Which of the words are in the text (N, 11), and a one."""
    return np.array([[*(word in text for word in WORDS), 1] for text in texts], dtype=np.float32)


def log(count: int, seed: int = 0, **changes: Any) -> list[Verdict]:
    """Labels shown with a chance of 60, 30 and 10 %, answered rightly; a tenth blind."""
    draw = random.Random(seed)
    chances = {"negative": 0.6, "neutral": 0.3, "positive": 0.1}
    rows = []
    for index, row in enumerate(headlines(count, seed)):
        truth, blind = row.sentiment or "", draw.random() < 0.1
        shown = draw.choices(SENTIMENTS, weights=list(chances.values()))[0]
        right = shown == truth and not blind
        rows.append(
            Verdict(
                id=f"v{index:05}",
                text=row.text,
                target=row.target,
                head="sentiment",
                shown="" if blind else shown,
                propensity=1.0 if blind else chances[shown],
                selection=1.0,
                analyst="ada",
                answer="confirm" if right else "reject",
                correction=truth if blind or (not right and draw.random() < 0.5) else "",
                reason="",
                at=NOON + timedelta(minutes=index),
            )
        )
    return [replace(row, **changes) for row in rows]


Maker = Callable[..., gymnasium.Env[Any, Any]]
MAKERS: dict[str, Maker] = {
    "headlines": lambda **more: gymnasium.make(
        "downdraft/Headlines-v0", rows=headlines(40), **more
    ),
    "headlines-topic": lambda **more: gymnasium.make(
        "downdraft/Headlines-v0", rows=headlines(40), head="topic", **more
    ),
    "verdicts": lambda **more: gymnasium.make("downdraft/Verdicts-v0", verdicts=log(40), **more),
    "verdicts-rejection": lambda **more: gymnasium.make(
        "downdraft/Verdicts-v0", verdicts=log(40), replay="rejection", **more
    ),
    "verdicts-likelihood": lambda **more: gymnasium.make(
        "downdraft/Verdicts-v0", verdicts=log(40), replay="likelihood", **more
    ),
}
every = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@every
@pytest.mark.parametrize("features", [None, bag], ids=["text", "features"])
@pytest.mark.parametrize("episode_length", [None, 7])
def test_gymnasium_s_own_checker_has_nothing_to_say(
    make: Maker, features: Any, episode_length: int | None
) -> None:
    env = make(features=features, episode_length=episode_length)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)


def test_the_example_of_the_documentation_runs() -> None:
    assert doctest.testmod(policy.env, raise_on_error=True).attempted > 5


def test_without_gymnasium_one_line_names_the_extra() -> None:
    code = "import sys; sys.modules['gymnasium'] = None; import policy.env"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = said.stderr.strip().splitlines()[-1]
    assert said.returncode == 1
    assert last == (
        "ImportError: policy.env needs Gymnasium: install it with the extra gym, downdraft[gym]"
    )


def walked(env: gymnasium.Env[Any, Any], seed: int, action_seed: int = 0) -> list[tuple[Any, ...]]:
    """Everything that an agent of random answers sees of one episode."""
    env.action_space.seed(action_seed)
    seen: list[tuple[Any, ...]] = [env.reset(seed=seed)]
    over = False
    while not over:
        *step, info = env.step(env.action_space.sample())
        over = bool(step[2] or step[3])
        seen.append((*step, info))
    return seen


@every
def test_the_same_seed_gives_the_same_episode_and_a_random_agent_gets_through_it(
    make: Maker,
) -> None:
    first, again = (walked(make(episode_length=20), seed=3) for _ in range(2))
    assert len(first) == 21
    assert first == again
    assert walked(make(episode_length=20), seed=4) != first


@every
def test_a_pass_shows_every_headline_once_and_is_terminated_a_shorter_one_truncated(
    make: Maker,
) -> None:
    seen = walked(make(), seed=0)
    assert sorted(step[-1]["answered"] for step in seen[1:]) == list(range(40))
    assert seen[-1][2:4] == (True, False)
    assert walked(make(episode_length=5), seed=0)[-1][2:4] == (False, True)


@every
def test_after_the_last_headline_and_before_the_first_there_is_nothing_to_answer(
    make: Maker,
) -> None:
    env = make(episode_length=1).unwrapped
    with pytest.raises(ResetNeeded):
        env.step(0)
    env.reset(seed=0)
    for wrong in (-1, 20, 0.5, "negative"):
        with pytest.raises(InvalidAction, match="is no label: give 0 to"):
            env.step(wrong)
    env.step(0)
    with pytest.raises(ResetNeeded):
        env.step(0)


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


@pytest.mark.parametrize("name", ["sentfin", "twitter_topic", "twitter_sentiment"])
def test_real_headlines_with_all_their_signs_pass_the_checker(shared_data: Path, name: str) -> None:
    head = "topic" if name.endswith("topic") else "sentiment"
    file = shared_data / "labelled" / f"{name}_train.csv"
    env = gymnasium.make("downdraft/Headlines-v0", rows=file, head=head, episode_length=300)
    check_env(env.unwrapped)
    for observation, *_ in run(env, always(0)):
        assert env.observation_space.contains(observation)


def run(env: gymnasium.Env[Any, Any], choose: Callable[[Any], int]) -> list[tuple[Any, ...]]:
    """(observation, action, reward, info) of an episode."""
    seen, (observation, _), over = [], env.reset(seed=0), False
    while not over:
        action = choose(observation)
        after, reward, terminated, truncated, info = env.step(action)
        seen.append((observation, action, reward, info))
        observation, over = after, terminated or truncated
    return seen


class Softmax:
    """REINFORCE on a linear policy: other people's code, in short."""

    def __init__(self, features: int, actions: int, seed: int) -> None:
        self.weight = np.zeros((actions, features))
        self.draw = np.random.default_rng(seed)

    def choose(self, seen: np.ndarray) -> int:
        scores = self.weight @ seen
        self.policy = np.exp(scores - scores.max())
        self.policy /= self.policy.sum()
        return int(self.draw.choice(len(scores), p=self.policy))

    def learn(self, seen: np.ndarray, action: int, advantage: float) -> None:
        step = np.eye(len(self.weight))[action] - self.policy
        self.weight += 0.5 * advantage * np.outer(step, seen)


def learned(env: gymnasium.Env[Any, Any], by_propensity: bool = False) -> Softmax:
    """An agent after one pass, which it learned from as it went."""
    agent = Softmax(len(WORDS) + 1, 3, seed=1)
    (seen, _), over = env.reset(seed=0), False
    while not over:
        action = agent.choose(seen)
        after, reward, terminated, truncated, info = env.step(action)
        if info.get("observed", True):
            weight = min(0.3 / info["propensity"], 3.0) if by_propensity else 1.0
            agent.learn(seen, action, weight * (reward - 1 / 3))
        seen, over = after, terminated or truncated
    return agent


def skill(agent: Softmax) -> float:
    rows = headlines(300, seed=99)
    seen = bag([row.text for row in rows], [])
    said = [int((agent.weight @ each).argmax()) for each in seen]
    truth = [SENTIMENTS.index(row.sentiment or "") for row in rows]
    return float(np.mean(np.equal(said, truth)))


def test_an_agent_learns_from_labelled_headlines_and_one_of_random_answers_does_not_earn() -> None:
    env = Headlines(headlines(600), features=bag)
    env.action_space.seed(0)
    by_chance = run(env, lambda _: int(env.action_space.sample()))
    assert np.mean([reward for _, _, reward, _ in by_chance]) == pytest.approx(1 / 3, abs=0.07)
    assert skill(learned(env)) > 0.9


@pytest.mark.parametrize("replay", ["matched", "rejection", "likelihood"])
def test_an_agent_learns_from_a_log_of_verdicts(replay: Any) -> None:
    env = Verdicts(log(3_000), features=bag, replay=replay)
    assert skill(learned(env, by_propensity=replay == "matched")) > 0.9


def always(label: int) -> Callable[[Any], int]:
    return lambda _: label


def test_a_reward_is_known_where_the_answer_is_the_label_shown_or_nothing_was() -> None:
    verdicts = log(400)
    for seen, action, reward, info in run(Verdicts(verdicts), always(NEGATIVE)):
        said = verdicts[info["answered"]]
        assert said.text in seen
        assert info["shown"] == (SENTIMENTS.index(said.shown) if said.shown else -1)
        assert info["propensity"] == pytest.approx(said.propensity)
        assert info["observed"] == (said.shown in ("", SENTIMENTS[action]))
        right = said.answer == "confirm" or (not said.shown and said.correction == "negative")
        assert reward == float(info["observed"] and right)


@pytest.mark.parametrize("label", [NEGATIVE, NEUTRAL, POSITIVE])
def test_observed_rewards_over_their_propensities_are_worth_what_the_answers_are(
    label: int,
) -> None:
    """The inverse propensity score of always answering one label, against the truth."""
    rows = headlines(12_000, seed=5)
    worth = np.mean([row.sentiment == SENTIMENTS[label] for row in rows])
    seen = run(Verdicts(log(12_000, seed=5)), always(label))
    score = np.array([reward / info["propensity"] for _, _, reward, info in seen])
    assert score.mean() == pytest.approx(worth, abs=4 * score.std() / len(score) ** 0.5)


def test_rejection_observes_every_label_as_often_and_right_on_average() -> None:
    verdicts = log(12_000, seed=6)
    rows = headlines(12_000, seed=6)
    for label in range(3):
        seen = run(Verdicts(verdicts, replay="rejection"), always(label))
        rewards = [reward for _, _, reward, info in seen if info["observed"]]
        assert len(rewards) / len(seen) == pytest.approx(0.1, abs=0.012)  # the least propensity
        worth = np.mean([row.sentiment == SENTIMENTS[label] for row in rows])
        assert np.mean(rewards) == pytest.approx(worth, abs=0.06)


def test_rewards_by_likelihood_are_what_bayes_believes_of_the_answer() -> None:
    panel = Panel(
        torch.tensor([0.9]), torch.tensor([0.2]), torch.full((1, 3, 3), 0.1) + 0.7 * torch.eye(3)
    )
    one = log(1, answer="confirm", shown="negative", propensity=0.5, correction="")
    earned = {
        label: run(Verdicts(one, replay="likelihood", panel=panel), always(label))[0]
        for label in range(3)
    }
    assert earned[NEGATIVE][2] == pytest.approx(0.9 / 1.3)
    assert earned[NEUTRAL][2] == pytest.approx(0.2 / 1.3)
    assert [each[3]["observed"] for each in earned.values()] == [True, False, False]
    fixed = [replace(one[0], answer="reject", correction="positive")]
    right = run(Verdicts(fixed, replay="likelihood", panel=panel), always(POSITIVE))[0][2]
    by_hand = [0.1 * 0.5, 0.8 * 0.1 / 0.9, 0.8 * 0.8 / 0.9]  # C bars the label that is rejected
    assert right == pytest.approx(by_hand[2] / sum(by_hand))


def test_verdicts_come_in_order_of_time_and_only_those_that_say_something() -> None:
    verdicts = log(30)
    odd = [
        replace(verdicts[0], id="a", answer="abstain"),
        replace(verdicts[1], id="g", why="gold"),
        replace(verdicts[2], id="t", head="topic", shown="Macro", correction=""),
    ]
    mixed = random.Random(0).sample([*verdicts, *odd], 33)
    seen = run(Verdicts(mixed), always(0))
    assert [each[0].split(": ")[-1] for each in seen] == [each.text for each in verdicts]
