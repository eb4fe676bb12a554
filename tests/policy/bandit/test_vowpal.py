"""The rival is itself: what is read of it is what it would do."""

from __future__ import annotations

import pytest
import torch
from courses import CLEAN, led

from policy.bandit.play import play
from policy.bandit.vowpal import CONFIGURATIONS, VowpalWabbit

pytest.importorskip("vowpalwabbit")


@pytest.mark.parametrize("name", ["epsilon-0.5", "squarecb-0.5"])
def test_the_head_read_off_it_ranks_labels_as_it_does(name: str) -> None:
    way = led()
    rival = VowpalWabbit(CONFIGURATIONS[name], way.warm, way.labels, torch.Generator())
    _, propensities = rival.select(way.test.features, torch.ones(way.labels, dtype=torch.bool))
    said = rival.log_chances(way.test.features)
    assert (said.argmax(1) == propensities.argmax(1)).float().mean() > 0.97
    assert torch.allclose(propensities.sum(1), torch.ones(len(said)), atol=1e-5)


def test_it_learns_from_verdicts() -> None:
    found = play("vowpal_wabbit:epsilon-0.5", led(), CLEAN, 0)
    assert found["accuracy"] > found["curve"][0]["accuracy"] + 0.02
    assert found["ece"] < 0.12
