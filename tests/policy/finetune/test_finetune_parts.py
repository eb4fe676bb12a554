"""The pieces of learning, each against what it should be by arithmetic."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from finetune_desk import NOW

from policy.adapters import QUERY_AND_VALUE, adapt, merge
from policy.batches import Rows
from policy.checkpoint import Temperatures, load
from policy.data import Example
from policy.finetune.choices import lay_over, maps_of
from policy.finetune.imitate import BETA, Imitate, aims
from policy.finetune.judged import Judged, judged
from policy.finetune.leash import Change, divergence, entropy
from policy.finetune.odds import calibrated, log_chances, odds_of
from policy.finetune.outcome import Yardstick, heard
from policy.finetune.temper import refit
from policy.learners.gather import gather
from policy.learners.registry import learner
from policy.learners.types import Panel
from policy.train import Report
from policy.verdicts import LABELS, Head, Verdict

CPU = torch.device("cpu")


def verdict(number: int, head: Head, **changes: str) -> Verdict:
    usual = Verdict(
        f"v{number}", f"headline {number}", "", head, LABELS[head][0], 1.0, 1.0, "ann", "confirm",
        "", "", NOW,
    )  # fmt: skip
    return replace(usual, **changes)


def gathered(verdicts: list[Verdict], report: Report) -> Judged:
    heads: tuple[Head, ...] = ("topic", "sentiment")
    found = {head: gather(verdicts, head, NOW, ["ann"]) for head in heads}
    return judged(found, load(report.path).tokens)


def trusted() -> dict[Head, Panel]:
    return {"topic": Panel.trusted(1, 20), "sentiment": Panel.trusted(1, 3)}


def test_choices_keep_their_map_when_the_heads_have_learned(report: Report) -> None:
    loaded = load(report.path)
    model, maps = loaded.model, maps_of(loaded.model, loaded.temperatures)
    assert maps["topic"] is not None
    before = copy.deepcopy(model.choices.state_dict())
    lay_over(model, maps, loaded.temperatures)
    for name, each in model.choices.state_dict().items():
        torch.testing.assert_close(each, before[name], rtol=1e-3, atol=1e-3)
    states = torch.randn(50, 32)
    was = model.answer(states)
    for each in model.heads.parameters():
        each.data *= 1.7
    warmer = Temperatures(*(1.7 * each for each in _both(loaded.temperatures)))
    lay_over(model, maps, warmer)  # the same log-odds: so the same choices
    now = model.answer(states)
    torch.testing.assert_close(now.topic_choice, 1.7 * was.topic_choice, rtol=1e-3, atol=1e-3)


def _both(temperatures: Temperatures) -> tuple[float, float, float]:
    return temperatures.topic, temperatures.sentiment, temperatures.sentiment_target


def test_a_policy_that_was_never_tuned_goes_on_choosing_the_likeliest(novice: Path) -> None:
    loaded = load(novice)
    maps = maps_of(loaded.model, loaded.temperatures)
    assert maps == {"topic": None, "sentiment": None}
    for each in loaded.model.heads.parameters():
        each.data += 0.1
    lay_over(loaded.model, maps, loaded.temperatures)
    answer = loaded.model.answer(torch.randn(9, 32))
    assert answer.topic.equal(answer.topic_choice)


def test_what_has_changed_is_measured_on_the_weights_and_can_be_taken_back(
    report: Report,
) -> None:
    model = load(report.path).model
    start = {name: each.clone() for name, each in model.state_dict().items()}
    model.encoder = adapt(model.encoder, 4, QUERY_AND_VALUE, dropout=0.0)
    change = Change(model.encoder, model.heads)
    assert change().item() == 0
    draw = torch.Generator().manual_seed(0)
    for each in model.parameters():
        if each.requires_grad:
            each.data += 0.1 * torch.randn(each.shape, generator=draw)
    reported = change().item()
    half = copy.deepcopy(model)
    shrunk = Change(half.encoder, half.heads)
    shrunk._start = change._start
    shrunk.shrink(0.5)
    for one, part in ((model, 1.0), (half, 0.5)):
        one.encoder = merge(one.encoder)
        moved = {name: each - start[name] for name, each in one.state_dict().items()}
        square = sum(each.square().sum().item() for n, each in moved.items() if "choices" not in n)
        assert square == pytest.approx(part**2 * reported, rel=1e-3)
        assert {name for name, each in moved.items() if each.any()} == {
            *(name for name in start if name.endswith(("query.weight", "value.weight"))),
            *(name for name in start if name.startswith("heads.")),
        }


def test_divergence_and_entropy_are_those_of_the_books() -> None:
    reference = {"sentiment": torch.tensor([[0.5, 0.25, 0.25]]).log()}
    odds = {"sentiment": torch.tensor([[0.25, 0.25, 0.5]]).log() + 3}
    wanted = 0.5 * math.log(2) - 0.25 * math.log(2)
    assert divergence(reference, odds)["sentiment"].item() == pytest.approx(wanted)
    assert divergence(reference, reference)["sentiment"].item() == pytest.approx(0, abs=1e-7)
    assert entropy(torch.zeros(1, 20)).item() == pytest.approx(math.log(20))


def test_rows_about_a_target_have_a_temperature_of_their_own(report: Report) -> None:
    logits = load(report.path).model.answer(torch.randn(2, 32))
    said = calibrated(logits, torch.tensor([True, False]), Temperatures(2, 4, 8))
    torch.testing.assert_close(said["topic"], logits.topic / 2)
    torch.testing.assert_close(said["sentiment"], logits.sentiment / torch.tensor([[8.0], [4.0]]))


def test_a_verdict_is_as_likely_as_the_policy_and_the_analyst_make_it(report: Report) -> None:
    told = gathered([verdict(0, "sentiment"), verdict(1, "sentiment", answer="reject")], report)
    chances = torch.tensor([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]])
    odds = {"topic": torch.zeros(2, 20), "sentiment": chances.log()}
    likely = heard(odds, told, trusted())
    assert set(likely) == {"sentiment"}
    wanted = [0.7 * 0.999 + 0.3 * 0.001, 0.7 * 0.001 + 0.3 * 0.999]
    assert likely["sentiment"].exp().tolist() == pytest.approx(wanted, rel=1e-4)


def test_verdicts_kept_aside_find_a_policy_that_is_too_sure(report: Report) -> None:
    draw = torch.Generator().manual_seed(0)
    odds = torch.randn(1_500, 20, generator=draw)
    truth = torch.multinomial(odds.softmax(1), 1, generator=draw).squeeze(1)
    said = [
        verdict(i, "topic", answer="confirm" if right else "reject")
        for i, right in enumerate((truth == 0).tolist())
    ]
    aside = gathered(said, report)
    others = torch.zeros(1_500, 3)
    found = refit(Temperatures(), {"topic": 3 * odds, "sentiment": others}, aside, trusted())
    assert found.topic == pytest.approx(3, rel=0.15)
    assert (found.sentiment, found.sentiment_target) == (1, 1)
    few = gathered(said[:150], report)
    few_odds = {"topic": 3 * odds[:150], "sentiment": others[:150]}
    assert refit(Temperatures(), few_odds, few, trusted()) == Temperatures()


def test_a_reward_model_is_imitated_by_the_policy_that_earns_most_on_its_leash(
    report: Report,
) -> None:
    said = [verdict(i, "sentiment", answer="confirm" if i % 2 else "reject") for i in range(40)]
    told = gathered(said, report)
    states = torch.tensor([[1.0, 0.0] if i % 2 else [0.0, 1.0] for i in range(40)])
    before = {"topic": torch.zeros(40, 20), "sentiment": torch.zeros(40, 3)}
    before = log_chances(before)
    aim = aims(learner("reward_model"), told, states, before, trusted())
    confirmed, rejected = aim["sentiment"][1].exp(), aim["sentiment"][0].exp()
    assert confirmed[0] > 0.9
    assert rejected[0] < 0.4
    # Rewards that nobody has told of are 0, as the ridge leaves them.
    assert (confirmed[0] / confirmed[1]).log().item() < 1 / BETA
    assert aim["topic"].equal(before["topic"])
    feedback = told.feedback["sentiment"]
    apart = Imitate().loss(aim["sentiment"], feedback, trusted()["sentiment"], aim["sentiment"])
    assert apart.item() == pytest.approx(0, abs=1e-6)


def test_forgetting_counts_anchors_that_turn_wrong(
    report: Report, make_headlines: Callable[..., list[Example]]
) -> None:
    loaded = load(report.path)
    anchors = [each for each in make_headlines(90, 9) if each.topic]
    rows = Rows(anchors, loaded.tokens)
    known = odds_of(loaded.model, rows, loaded.temperatures, CPU)
    told = gathered([verdict(0, "topic")], report)
    yardstick = Yardstick(
        told, trusted(), rows, slice(None), log_chances(known), loaded.temperatures, CPU
    )
    assert yardstick.forgetting(known)["topic"]["negative_flips"] == 0
    broken = {head: each.clone() for head, each in known.items()}
    broken["topic"][:6] = -broken["topic"][:6]
    found = yardstick.forgetting(broken)
    right = (known["topic"][:6].argmax(1).numpy() == rows.topics[:6]).sum()
    assert found["topic"]["negative_flips"] == pytest.approx(right / len(rows), abs=1e-3)
    assert set(found) == {"topic"}
    shares = yardstick.figures({k: v[:1] for k, v in known.items()}, known)["share"]["topic"]
    likeliest = np.bincount(known["topic"].argmax(1).numpy(), minlength=20) / len(rows)
    assert list(shares.values()) == pytest.approx(likeliest.tolist())
