from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax
from torch import nn

from policy import tune
from policy.crossfit import out_of_fold
from policy.data import Example, near_duplicates
from policy.errors import DataError
from policy.model import pick_device
from policy.reward import expected_reward, mean_reward, read_rewards
from policy.settings import Settings
from policy.train import Report, train
from policy.types import SENTIMENTS, TOPICS

Maker = Callable[..., list[Example]]
Setter = Callable[..., Settings]
NEGATIVE, NEUTRAL, POSITIVE = range(3)
GENERAL = TOPICS.index("General News | Opinion")


def test_the_shipped_table_makes_a_missed_negative_dearer_than_a_false_one() -> None:
    table = read_rewards().sentiment
    assert np.diag(table).tolist() == [1, 1, 1]
    for other in (NEUTRAL, POSITIVE):
        assert table[NEGATIVE, other] < table[other, NEGATIVE]


def test_the_shipped_table_makes_a_headline_lost_to_general_news_dear() -> None:
    table = read_rewards().topic
    assert np.diag(table).tolist() == [1] * len(TOPICS)
    assert (np.delete(table[:, GENERAL], GENERAL) == -0.1).all()
    assert (np.delete(table[GENERAL], GENERAL) == 0).all()


def test_expected_and_mean_rewards_are_what_the_definition_says() -> None:
    table = np.array([[1.0, -0.5], [0.0, 2.0]])
    assert expected_reward(np.array([[0.25, 0.75]]), table).tolist() == [[0.25, 1.375]]
    assert mean_reward(np.array([0, 1, 1]), np.array([0, 0, 1]), table) == pytest.approx(2.5 / 3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[mood]\n", "unknown table [mood]"),
        ("[sentiment]\nbad = { neutral = 1 }\n", "unknown label 'bad'"),
        ("[sentiment]\nnegative = { bad = 1 }\n", "unknown label 'bad'"),
        ("[sentiment]\nnegative = { neutral = 'x' }\n", "'x' is no number"),
        ("[sentiment]\nnegative = { neutral = nan }\n", "nan is no number"),
        ("[sentiment]\nnegative = 3\n", "give { answer = reward }"),
        ("sentiment = [", "unreadable"),
    ],
)
def test_a_wrong_table_gets_one_line(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "rewards.toml"
    file.write_text(content)
    with pytest.raises(DataError) as caught:
        read_rewards(file)
    assert said in str(caught.value)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_best_policy_is_the_best_there_is() -> None:
    """No other policy has a larger expected reward minus β times its divergence."""
    draw = np.random.default_rng(0)
    reference = log_softmax(draw.normal(size=(1, 4)), axis=1)
    rewards = draw.normal(size=(1, 4))

    def worth(policy: np.ndarray) -> float:
        spent = (policy * (np.log(policy) - reference)).sum()
        return float((policy * rewards).sum() - 0.3 * spent)

    best = tune.best_policy(reference, rewards, beta=0.3)
    assert best.sum() == pytest.approx(1.0)
    others = softmax(draw.normal(size=(200, 1, 4)), axis=2)
    assert all(worth(best) >= worth(other) for other in others)


@pytest.fixture
def logits() -> torch.Tensor:
    """Of 3,000 rows, at a temperature of 2, as a head gives them."""
    return torch.from_numpy(np.random.default_rng(1).normal(size=(3_000, 3)) * 4)


@pytest.fixture
def table() -> np.ndarray:
    return read_rewards().sentiment


def believed(logits: torch.Tensor) -> np.ndarray:
    return np.asarray(softmax(logits.numpy() / 2, axis=1))


def test_tuning_answers_as_whoever_knows_the_costs(logits: torch.Tensor, table: np.ndarray) -> None:
    """On other rows than it was tuned on, laid over a head that reads other states."""
    tuned = tune.tune(believed(logits[:2_000]), table)
    turn = torch.linalg.qr(torch.randn(5, 3, dtype=torch.float64))[0]
    head, choice = nn.Linear(5, 3).double(), nn.Linear(5, 3).double()
    with torch.no_grad():
        head.weight.copy_(turn.T)
        head.bias.copy_(torch.tensor([0.5, -1.0, 2.0]))
        states = (logits[2_000:] - head.bias) @ turn.T
        tuned.lay_over(head, choice, 2.0)
        assert torch.allclose(head(states), logits[2_000:])
        said = choice(states).argmax(1).numpy()
    wise = expected_reward(believed(logits[2_000:]), table).argmax(1)
    likeliest = logits[2_000:].argmax(1).numpy()
    assert (said == wise).mean() > 0.99 > (likeliest == wise).mean()
    assert (said == NEGATIVE).sum() > (likeliest == NEGATIVE).sum()
    assert tuned.gain.reward_after > tuned.gain.reward_before
    assert 0 < tuned.gain.changed < 0.1
    assert 0 < tuned.gain.divergence < 1


def test_a_strong_leash_changes_nothing_and_known_labels_make_the_table_idle(
    logits: torch.Tensor, table: np.ndarray
) -> None:
    assert tune.tune(believed(logits), table, beta=100.0).gain.changed < 0.005
    known = np.eye(3)[logits.numpy().argmax(1)]
    assert tune.tune(known, table).gain.changed == 0


def test_out_of_fold_beliefs_do_not_know_the_labels_of_their_rows(
    settings: Setter, tmp_path: Path, make_headlines: Maker
) -> None:
    """Rows with random labels cannot be guessed by a policy that has not seen them."""
    draw = np.random.default_rng(0)
    texts = [each.text for each in make_headlines(400)]
    examples = [Example(text, sentiment=str(draw.choice(SENTIMENTS))) for text in texts]
    beliefs = out_of_fold(settings(), examples, pick_device("cpu"), tmp_path, "run", lambda _: None)
    truth = np.array([SENTIMENTS.index(each.sentiment or "") for each in examples])
    right = float((beliefs.sentiments.argmax(1) == truth).mean())
    assert beliefs.topics.shape == (400, 20)
    assert beliefs.sentiments.sum(1) == pytest.approx(np.ones(400))
    assert right < 0.45
    assert len(set(near_duplicates(texts))) > 1


def test_training_reports_what_tuning_bought(report: Report) -> None:
    metrics = report.metrics
    assert metrics["chosen"]["negative_recall"] >= metrics["likeliest"]["negative_recall"] - 0.02
    assert set(metrics["tuning"]) == {"topic", "sentiment"}
    card = (report.path / "card.md").read_text(encoding="utf-8")
    assert "What tuning towards rewards bought" in card
    assert "recall of negatives" in card
    assert "| MFT |" in card


def test_without_folds_the_choices_are_the_likeliest_labels(
    settings: Setter, tmp_path: Path, make_headlines: Maker
) -> None:
    done = train(settings(folds=0, epochs=1), make_headlines(200), tmp_path, "cpu", lambda _: None)
    assert "tuning" not in done.metrics
    assert "--folds 0" in done.checkpoint.created_by
    assert "What tuning" not in (tmp_path / "card.md").read_text(encoding="utf-8")
