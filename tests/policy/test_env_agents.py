"""Other people's agents learn from either environment."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from env_rows import WORDS, bag, headlines, log, run

from policy.env import Headlines, Verdicts
from policy.types import SENTIMENTS


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
