"""GPU → CPU → fallback, in the open and back again: policies that fail on command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from policy.degrade import Change, Degrading
from policy.errors import CheckpointError
from policy.types import SENTIMENTS, TOPICS, Policy, Prediction, Tier

SURE = Prediction(tuple([0.05] * 20), (0.2, 0.3, 0.5), TOPICS[0], SENTIMENTS[2])


@dataclass
class Fragile:
    """Answers until it is broken."""

    tier: Tier
    checkpoint: str = "0a1b"
    broken: Exception | None = None
    opens: Exception | None = None
    calls: int = 0

    def label(self, texts: Sequence[str], targets: Sequence[str] | None = None) -> list[Prediction]:
        self.calls += 1
        if self.broken:
            raise self.broken
        return [SURE] * len(texts)

    def open(self) -> Policy:
        if self.opens:
            raise self.opens
        return self


@dataclass
class World:
    """Three tiers, a clock that is set by hand, and what was said."""

    gpu: Fragile = field(default_factory=lambda: Fragile("gpu"))
    cpu: Fragile = field(default_factory=lambda: Fragile("cpu"))
    last: Fragile = field(default_factory=lambda: Fragile("fallback", "linear"))
    now: float = 0.0
    said: list[Change] = field(default_factory=list)

    def policy(self) -> Degrading:
        rungs: list[Callable[[], Policy]] = [self.gpu.open, self.cpu.open, self.last.open]
        return Degrading(rungs, self.said.append, lambda: self.now)


@pytest.fixture
def world() -> World:
    return World()


def test_the_best_tier_serves_and_nothing_is_said(world: World) -> None:
    policy = world.policy()
    assert policy.label(["a", "b"]) == [SURE, SURE]
    assert (policy.tier, policy.checkpoint, world.said) == ("gpu", "0a1b", [])


def test_a_device_out_of_memory_costs_no_text_its_label(world: World) -> None:
    policy = world.policy()
    world.gpu.broken = RuntimeError("CUDA out of memory.\nTried to allocate 2 GiB")
    assert policy.label(["a"]) == [SURE]
    assert policy.tier == "cpu"
    (change,) = world.said
    assert (change.better, change.to.tier) == (False, "cpu")
    assert change.reason == "RuntimeError: CUDA out of memory. Tried to allocate 2 GiB"


def test_two_failures_end_at_the_fallback_under_its_own_checkpoint(world: World) -> None:
    policy = world.policy()
    world.gpu.broken = world.cpu.broken = RuntimeError("no")
    assert policy.label(["a"]) == [SURE]
    assert (policy.tier, policy.checkpoint) == ("fallback", "linear")


def test_a_failure_is_said_once_and_the_better_tier_is_left_alone_until_its_time(
    world: World,
) -> None:
    policy = world.policy()
    world.gpu.broken = RuntimeError("lost")
    for _ in range(5):
        policy.label(["a"])
    assert (len(world.said), world.gpu.calls, world.cpu.calls) == (1, 1, 5)


def test_the_better_tier_comes_back_when_it_works_again(world: World) -> None:
    policy = world.policy()
    world.gpu.broken = RuntimeError("lost")
    policy.label(["a"])
    world.gpu.broken, world.now = None, 200.0
    policy.label(["a"])
    assert policy.tier == "gpu"
    assert [change.better for change in world.said] == [False, True]


def test_a_tier_that_keeps_failing_is_tried_ever_more_seldom(world: World) -> None:
    policy = world.policy()
    world.gpu.broken = RuntimeError("lost")
    for second in range(0, 24 * 3600, 10):
        world.now = float(second)
        policy.label(["a"])
    assert 20 <= world.gpu.calls <= 40  # an hour apart in the end
    assert world.cpu.calls == 24 * 360


def test_a_checkpoint_that_cannot_be_read_at_the_start_is_said_and_mended_later(
    world: World,
) -> None:
    world.gpu.opens = world.cpu.opens = CheckpointError("heads.safetensors: missing")
    policy = world.policy()
    assert policy.tier == "fallback"
    assert world.said[0].reason == "CheckpointError: heads.safetensors: missing"
    world.gpu.opens, world.now = None, 61.0
    policy.label(["a"])
    assert policy.tier == "gpu"


def test_the_same_processor_is_not_tried_twice(world: World) -> None:
    world.gpu = Fragile("cpu")  # as `auto` answers where there is no GPU
    policy = world.policy()
    world.gpu.broken = RuntimeError("no")
    policy.label(["a"])
    assert policy.tier == "fallback"
    assert world.cpu.calls == 0


def test_a_bug_is_not_hidden_by_another_tier(world: World) -> None:
    policy = world.policy()
    world.gpu.broken = KeyError("oops")
    with pytest.raises(KeyError):
        policy.label(["a"])
    assert world.said == []


def test_where_everything_fails_the_last_error_is_raised(world: World) -> None:
    world.last.opens = CheckpointError("manifest.json: missing")
    world.gpu.opens = world.cpu.opens = CheckpointError("gone")
    with pytest.raises(CheckpointError, match="manifest"):
        world.policy()
    world = World()
    policy = world.policy()
    world.gpu.broken = world.cpu.broken = world.last.broken = RuntimeError("all")
    with pytest.raises(RuntimeError, match="all"):
        policy.label(["a"])


def test_the_last_good_policy_stays_when_a_new_one_cannot_be_read(world: World) -> None:
    policy = world.policy()
    torn = Fragile("gpu", "new", opens=CheckpointError("layers.safetensors: altered"))
    with pytest.raises(CheckpointError, match="altered"):
        policy.replace([torn.open, world.last.open])
    assert policy.label(["a"]) == [SURE]
    assert (policy.tier, policy.checkpoint) == ("gpu", "0a1b")
    torn.opens = None
    policy.replace([torn.open, world.last.open])
    assert policy.checkpoint == "new"
