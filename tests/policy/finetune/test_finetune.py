"""A policy taught by verdicts: what it learns, what it keeps, and what is written of it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from finetune_desk import Desk, accuracy
from tensorboardX.proto.event_pb2 import Event

from policy.checkpoint import describe, load
from policy.data import Example
from policy.errors import DataError
from policy.finetune.run import Learned
from policy.trainer import Progress
from policy.verdicts import Verdict

Maker = Callable[..., list[Example]]
Learn = Callable[..., Learned]
LEARNERS = ("verdict_likelihood", "policy_gradient", "value", "reward_model")


@pytest.fixture(scope="module")
def unseen(make_headlines: Maker) -> list[Example]:
    return make_headlines(600, 6)


def test_verdicts_teach_and_the_same_answers_about_other_headlines_do_not(
    learn: Learn, novice: Path, said: list[Verdict], make_headlines: Maker, unseen: list[Example]
) -> None:
    before = accuracy(novice, unseen)
    honest = learn(said, "honest")
    learned_from_noise = learn(
        Desk(shuffled=True).verdicts(make_headlines(400, 5), novice), "shuffled"
    )
    gain = accuracy(honest.path, unseen) - before
    assert gain > 0.25
    assert accuracy(learned_from_noise.path, unseen) - before < 0.3 * gain
    assert honest.metrics["score"]["after"] > honest.metrics["score"]["before"] + 0.1


@pytest.mark.parametrize("learner", LEARNERS)
def test_every_learner_teaches_the_whole_network(
    learner: str, learn: Learn, novice: Path, said: list[Verdict], unseen: list[Example]
) -> None:
    learned = learn(said, learner=learner)
    assert accuracy(learned.path, unseen) > accuracy(novice, unseen) + 0.05
    assert f"--learner {learner}" in learned.checkpoint.created_by


def test_improvement_imitates_the_best_policy_on_a_leash(
    learn: Learn, novice: Path, said: list[Verdict], unseen: list[Example]
) -> None:
    learned = learn(said, improve=True)
    assert accuracy(learned.path, unseen) > accuracy(novice, unseen) + 0.1
    assert learned.checkpoint.id != learn(said, "plain").checkpoint.id
    with pytest.raises(DataError, match="improve goes with verdict_likelihood"):
        learn(said, "value", improve=True, learner="value")


def test_the_same_verdicts_and_seed_make_the_same_checkpoint_in_whatever_order_they_come(
    learn: Learn, said: list[Verdict], make_headlines: Maker
) -> None:
    given = {"anchors": make_headlines(60, 7), "headlines": [("oil holds", ""), ("oil sinks", "")]}
    one, two = learn(said, "one", **given), learn(said[::-1], "two", **given)
    assert one.checkpoint.id == two.checkpoint.id
    assert one.curve == two.curve
    assert learn(said, "three", seed=1, **given).checkpoint.id != one.checkpoint.id


def test_an_analyst_who_says_the_opposite_is_not_believed(
    learn: Learn, novice: Path, make_headlines: Maker, unseen: list[Example]
) -> None:
    rows = make_headlines(600, 5)
    learned = learn(Desk(adversary="analyst 3").verdicts(rows, novice))
    trust = learned.trust["sentiment"]
    assert trust["analyst 3"] < min(trust[f"analyst {i}"] for i in (0, 1, 2, 4)) - 0.3
    assert accuracy(learned.path, unseen) > accuracy(novice, unseen) + 0.15


def test_gold_items_test_the_analysts_and_teach_nothing(learn: Learn, said: list[Verdict]) -> None:
    gold = [
        replace(
            said[0],
            id=f"g{i}",
            text=f"gold item {i}",
            analyst="analyst 2",
            why="gold",
            shown="Dividend",
            head="topic",
            truth="Earnings",
            answer="confirm",
            correction="",
        )
        for i in range(40)
    ]
    plain, tested = learn(said, "plain"), learn(said + gold, "tested")
    assert tested.checkpoint.data["verdicts"] == plain.checkpoint.data["verdicts"]
    assert tested.checkpoint.data["verdicts_gold"] == 40
    assert tested.trust["topic"]["analyst 2"] < plain.trust["topic"]["analyst 2"] - 0.2


def test_no_candidate_is_further_from_its_parent_than_the_leash(
    learn: Learn, novice: Path, said: list[Verdict], make_headlines: Maker, unseen: list[Example]
) -> None:
    plain = [(each.text, each.target) for each in make_headlines(300, 8)]
    free = learn(said, "free", headlines=plain)
    held = learn(said, "held", headlines=plain, leash=0.04)
    assert max(free.metrics["kl"]["topic"], free.metrics["kl"]["sentiment"]) > 0.1
    assert 0.02 < max(held.metrics["kl"]["topic"], held.metrics["kl"]["sentiment"]) <= 0.04
    assert free.metrics["part"] == 1.0
    assert 0 < held.metrics["part"] < 0.9
    assert accuracy(novice, unseen) < accuracy(held.path, unseen) < accuracy(free.path, unseen)


def test_what_is_reported_is_reckoned_from_the_candidate_itself(
    learn: Learn, novice: Path, said: list[Verdict], make_headlines: Maker
) -> None:
    anchors = make_headlines(300, 7)
    metrics = learn(said, anchors=anchors).metrics
    told = metrics["anchors"]["topic"]
    assert told["rows"] > 10
    assert told["after"] == pytest.approx(
        told["before"] - told["negative_flips"] + _positive_flips(told), abs=1e-3
    )
    assert metrics["kl"]["both"] == pytest.approx(
        metrics["kl"]["topic"] + metrics["kl"]["sentiment"], abs=1e-5
    )
    assert metrics["kl"]["topic"] > 0
    assert sum(metrics["share"]["after"]["topic"].values()) == pytest.approx(1, abs=1e-4)
    assert set(metrics["entropy"]) == {"before", "after"}


def _positive_flips(told: dict[str, float]) -> float:
    return told["after"] - told["before"] + told["negative_flips"]


def test_the_candidate_is_a_child_with_a_card_and_the_parents_embeddings(
    learn: Learn, novice: Path, said: list[Verdict], tmp_path: Path
) -> None:
    learned = learn(said)
    manifest = describe(learned.path)
    assert manifest == learned.checkpoint
    assert manifest.parent == describe(novice).id
    assert manifest.encoder == describe(novice).encoder
    assert not any("lora" in key for key in load(learned.path).model.state_dict())
    theirs, ours = (folder / "embeddings.safetensors" for folder in (novice, learned.path))
    assert theirs.samefile(ours)
    card = (learned.path / "card.md").read_text(encoding="utf-8")
    assert manifest.parent in card
    assert manifest.data["sha256"][:12] in card
    assert not (learned.path / ".resume").exists()
    json.dumps(dict(learned.metrics))


def test_tensorboard_is_told_the_curve_also_by_a_run_that_was_killed(
    learn: Learn, said: list[Verdict], tmp_path: Path
) -> None:
    def stop(now: Progress) -> None:
        if now.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(said[:120], progress=stop, save_every=2)
    learned = learn(said[:120], save_every=2)
    told = scalars(tmp_path / "events" / "candidate")
    assert told["epoch/score"] == pytest.approx([each["score"] for each in learned.curve])
    assert told["epoch/kl/topic"] == pytest.approx([each["kl"]["topic"] for each in learned.curve])
    assert len(told["step/loss"]) == learned.metrics["steps"] + 1  # the fifth step was told twice


def scalars(folder: Path) -> dict[str, list[float]]:
    """By name, in the order they were written; the framing is TFRecord's."""
    found: dict[str, list[float]] = {}
    for file in sorted(folder.glob("events.out.tfevents.*")):
        data = file.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            event = Event.FromString(data[12 : 12 + length])
            for each in event.summary.value:
                found.setdefault(each.tag, []).append(each.simple_value)
            data = data[16 + length :]
    return found
