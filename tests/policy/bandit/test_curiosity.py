"""Unknown labels are tried, known ones are left alone."""

from __future__ import annotations

import torch

from policy.bandit.curiosity import SHARE, bonus

LOGITS = torch.randn(1000, 4, generator=torch.Generator().manual_seed(0)) * 2
LOGITS[:, 3] -= 12  # a label that would never be shown


def _shown(confirmed: list[float], shown: list[float]) -> torch.Tensor:
    draw = torch.Generator().manual_seed(1)
    more = bonus(LOGITS, torch.tensor(confirmed), torch.tensor(shown), draw)
    return torch.bincount((LOGITS + more).argmax(1), minlength=4) / len(LOGITS)


def test_a_label_of_which_nothing_is_known_is_shown_for_its_share_of_the_headlines() -> None:
    assert abs(float(_shown([500, 500, 500, 0], [900, 900, 900, 0])[3]) - SHARE) < 0.01


def test_confirmations_end_it_and_showing_it_in_vain_dampens_it() -> None:
    known = float(_shown([500, 500, 500, 500], [900, 900, 900, 900])[3])
    vain = float(_shown([500, 500, 500, 0], [900, 900, 900, 300])[3])
    assert known < 0.002
    assert known < vain < SHARE / 2


def test_labels_that_are_shown_often_enough_get_nothing() -> None:
    draw = torch.Generator().manual_seed(1)
    often = torch.full((4,), 500.0)
    assert bonus(LOGITS, often, often, draw)[:3].tolist() == [0, 0, 0]


def test_the_headlines_that_look_most_like_it_are_chosen() -> None:
    draw = torch.Generator().manual_seed(1)
    counts = torch.tensor([500.0, 500.0, 500.0, 0.0])
    said = (LOGITS + bonus(LOGITS, counts, counts, draw)).argmax(1)
    margin = LOGITS[:, 3] - LOGITS[:, :3].amax(1)
    assert margin[said == 3].min() > margin[said != 3].max()


def test_a_single_headline_is_not_always_given_to_the_unknown() -> None:
    draw = torch.Generator().manual_seed(1)
    counts = torch.tensor([500.0, 500.0, 500.0, 10.0])
    tried = [bonus(LOGITS[:1], counts, counts, draw)[3] > 0 for _ in range(300)]
    assert 0 < sum(map(bool, tried)) < 60
