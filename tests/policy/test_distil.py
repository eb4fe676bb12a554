from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from policy import distil
from policy.batches import UNKNOWN, Batch
from policy.data import Example, clean
from policy.losses import divergence, loss_of
from policy.pool import first_sentence, pool
from policy.settings import Settings
from policy.train import Extra, Report, train

Maker = Callable[..., list[Example]]
Setter = Callable[..., Settings]


def batch(beliefs: tuple[torch.Tensor, torch.Tensor] | None = None) -> Batch:
    return Batch({}, torch.tensor([UNKNOWN]), torch.tensor([UNKNOWN]), beliefs)


def test_who_believes_what_the_teacher_believes_has_nothing_to_learn() -> None:
    topic, sentiment = torch.randn(1, 20), torch.randn(1, 3)
    taught = (topic.log_softmax(1), sentiment.log_softmax(1))
    assert divergence(topic, sentiment, batch(taught)).item() == pytest.approx(0.0, abs=1e-5)
    assert divergence(topic, sentiment + torch.tensor([1.0, 0, 0]), batch(taught)).item() > 0.01


def test_a_row_without_labels_teaches_only_through_a_teacher() -> None:
    topic, sentiment = torch.randn(1, 20), torch.randn(1, 3)
    assert loss_of(topic, sentiment, batch()).item() == 0.0
    taught = (torch.zeros(1, 20).log_softmax(1), torch.zeros(1, 3).log_softmax(1))
    assert loss_of(topic, sentiment, batch(taught)).item() > 0.0


def test_a_pupil_learns_from_unlabelled_headlines_what_its_labels_do_not_say(
    settings: Setter, report: Report, tmp_path: Path, make_headlines: Maker
) -> None:
    """Labels speak of topics only; sentiment can come from nobody but the teacher."""
    labelled = [each for each in make_headlines(300, seed=5) if each.topic]
    pool_rows = [Example(each.text) for each in make_headlines(500, seed=6)]
    plan = settings(teacher=report.checkpoint.id, folds=0, epochs=12)
    extra = Extra(pool=pool_rows, teacher=report.path)
    pupil = train(plan, labelled, tmp_path, "cpu", lambda _: None, extra)
    judged = [each for each in make_headlines(300, seed=7) if each.sentiment and not each.target]
    beliefs = distil.ask(pupil.path, judged, "cpu", lambda done, total: None)
    said = beliefs.sentiments.argmax(1)
    truth = np.array([("negative", "neutral", "positive").index(e.sentiment or "") for e in judged])
    assert (said == truth).mean() > 0.9
    assert pupil.checkpoint.data["teacher"]["id"] == report.checkpoint.id
    assert "--teacher TEACHER --unlabelled ARCHIVES --pool 500" in pupil.checkpoint.created_by
    card = (tmp_path / "card.md").read_text(encoding="utf-8")
    assert f"Teacher: checkpoint `{report.checkpoint.id}`" in card


def test_a_pool_is_drawn_by_its_seed_without_doubles_or_essays() -> None:
    texts = [f"Halvorsen sells unit number {i}" for i in range(50)]
    drawn = pool([*texts, *texts, "x" * 500, "  "], 40, seed=1)
    assert drawn == pool(texts, 40, seed=1)
    assert drawn != pool(texts, 40, seed=2)
    assert len({each.text.lower() for each in drawn}) == len(drawn) == 40
    assert all(each.topic is None and each.sentiment is None for each in drawn)
    named = [each.target for each in drawn if each.target]
    assert 5 < len(named) < 25
    assert set(named) == {"Halvorsen"}


def test_a_small_pool_is_taken_whole() -> None:
    assert len(pool(["oil sinks", "gold climbs"], 40, seed=1)) == 2


@pytest.mark.parametrize(
    ("summary", "sentence"),
    [
        ("Halvorsen cut 300 jobs. It blamed costs.", "Halvorsen cut 300 jobs."),
        (
            "Sales rose 2.5 pct at U.S. units of Norcast Inc",
            "Sales rose 2.5 pct at U.S. units of Norcast Inc",
        ),
        ("", ""),
    ],
)
def test_the_first_sentence_is_what_a_summary_opens_with(summary: str, sentence: str) -> None:
    assert first_sentence(summary) == clean(sentence)
