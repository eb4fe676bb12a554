"""What Gymnasium asks of an environment: its checker, seeds, ends, and the documentation."""

from __future__ import annotations

import doctest
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from env_rows import always, bag, headlines, log, run
from gymnasium.error import InvalidAction, ResetNeeded
from gymnasium.utils.env_checker import check_env

import policy.env

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


@pytest.mark.parametrize("name", ["sentfin", "twitter_topic", "twitter_sentiment"])
def test_real_headlines_with_all_their_signs_pass_the_checker(shared_data: Path, name: str) -> None:
    head = "topic" if name.endswith("topic") else "sentiment"
    file = shared_data / "labelled" / f"{name}_train.csv"
    env = gymnasium.make("downdraft/Headlines-v0", rows=file, head=head, episode_length=300)
    check_env(env.unwrapped)
    for observation, *_ in run(env, always(0)):
        assert env.observation_space.contains(observation)
