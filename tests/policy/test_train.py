from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from policy.batches import UNKNOWN, Batch, Rows
from policy.calibrate import temperature
from policy.checkpoint import load
from policy.data import Example
from policy.encoder import load_base
from policy.errors import DataError
from policy.labeller import Labeller
from policy.losses import joint_loss
from policy.settings import Settings
from policy.train import Extra, Progress, Report, train

Maker = Callable[..., list[Example]]
Setter = Callable[..., Settings]


class Killed(Exception):
    pass


def quiet(_: Progress) -> None:
    pass


def killer(at: int) -> Callable[[Progress], None]:
    def progress(now: Progress) -> None:
        if now.step == at:
            raise Killed

    return progress


def test_training_learns_both_heads_and_targets(report: Report) -> None:
    assert report.metrics["topic"]["accuracy"] > 0.9
    assert report.metrics["sentiment"]["macro_f1"] > 0.9
    assert report.metrics["sentiment_target"]["macro_f1"] > 0.9
    assert report.curve[-1]["loss"] < report.curve[0]["loss"]


def test_a_killed_run_started_again_ends_like_an_unbroken_one(
    settings: Setter, tmp_path: Path, make_headlines: Maker
) -> None:
    rows, plan = make_headlines(300), settings(save_every=5, epochs=3)
    whole = train(plan, rows, tmp_path / "whole", "cpu", quiet)
    for at in (8, 33):  # inside the first epoch and inside a later one, past a kept state
        with pytest.raises(Killed):
            train(plan, rows, tmp_path / "broken", "cpu", killer(at))
    steps: list[int] = []
    broken = train(plan, rows, tmp_path / "broken", "cpu", lambda now: steps.append(now.step))
    assert 25 < steps[0] <= 33
    assert broken.curve == whole.curve
    assert broken.checkpoint.id == whole.checkpoint.id
    assert not (tmp_path / "broken" / ".resume").exists()


def test_another_runs_state_is_not_taken_up(
    settings: Setter, tmp_path: Path, make_headlines: Maker
) -> None:
    rows = make_headlines(300)
    with pytest.raises(Killed):
        train(settings(seed=1, epochs=2, batch=64), rows, tmp_path / "a", "cpu", killer(7))
    steps: list[int] = []
    train(
        settings(seed=2, epochs=2, batch=64),
        rows,
        tmp_path / "a",
        "cpu",
        lambda p: steps.append(p.step),
    )
    assert steps[0] == 1


def test_a_state_with_a_torn_end_starts_from_the_beginning(
    settings: Setter, tmp_path: Path, make_headlines: Maker
) -> None:
    rows = make_headlines(300)
    with pytest.raises(Killed):
        train(settings(epochs=2, batch=64), rows, tmp_path, "cpu", killer(7))
    (state,) = (tmp_path / ".resume").glob("*.safetensors")
    state.write_bytes(state.read_bytes()[:1000])
    train(settings(epochs=2, batch=64), rows, tmp_path, "cpu", quiet)
    assert load(tmp_path)


def test_adapters_are_merged_into_the_one_format(
    settings: Setter, tmp_path: Path, make_headlines: Maker
) -> None:
    plan = settings(lora_rank=4, adapter_rate=3e-3, epochs=8)
    done = train(plan, make_headlines(600), tmp_path, "cpu", quiet)
    assert not any("lora" in name for name in load(tmp_path).model.state_dict())
    assert "--lora-rank 4" in done.checkpoint.created_by
    (said,) = Labeller.load(tmp_path, "cpu").label(["norcast collapses amid talks , oil"])
    assert (said.topic, said.sentiment) == ("Energy | Oil", "negative")


def test_too_few_rows_are_a_data_error(settings: Setter, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="too few"):
        train(settings(), [Example("oil sinks", topic="IPO")], tmp_path, "cpu", quiet)


def test_the_manifest_says_what_it_was_trained_on(
    settings: Setter, tmp_path: Path, make_headlines: Maker
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("text,topic\n")
    out = tmp_path / "out"
    rows = make_headlines(200)
    train(settings(epochs=1), rows, out, "cpu", quiet, Extra(sources=[file]))
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["data"]["rows"] == 200
    assert manifest["data"]["sources"][0]["name"] == "rows.csv"
    assert "rows.csv" in (out / "card.md").read_text(encoding="utf-8")


def test_a_row_with_one_label_leaves_the_other_head_alone() -> None:
    topic = torch.randn(2, 20, requires_grad=True)
    sentiment = torch.randn(2, 3, requires_grad=True)
    batch = Batch({}, torch.tensor([3, UNKNOWN]), torch.tensor([UNKNOWN, 1]))
    joint_loss(topic, sentiment, batch).backward()  # type: ignore[no-untyped-call]
    assert topic.grad is not None
    assert sentiment.grad is not None
    assert topic.grad[0].abs().sum() > 0
    assert topic.grad[1].abs().sum() == 0
    assert sentiment.grad[0].abs().sum() == 0


def test_an_epoch_holds_every_row_once_and_follows_seed_and_epoch(
    tiny_bert: Path, make_headlines: Maker
) -> None:
    rows = Rows(make_headlines(333), load_base(str(tiny_bert)).tokens)
    orders = [
        [int(i) for batch in rows.shuffled(16, seed, epoch) for i in batch]
        for seed, epoch in ((0, 0), (0, 0), (0, 1), (1, 0))
    ]
    assert all(sorted(order) == list(range(333)) for order in orders)
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert orders[0] != orders[3]


def test_the_temperature_undoes_a_known_overconfidence() -> None:
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(20_000, 3, generator=draw)
    truth = torch.multinomial(logits.softmax(1), 1, generator=draw).squeeze(1)
    assert temperature(3.0 * logits.double().numpy(), truth.numpy()) == pytest.approx(3.0, rel=0.05)
