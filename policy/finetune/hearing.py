"""All that was said of a head, learned from, kept aside or gold: it tells who is to be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from policy.annotators import reliability
from policy.errors import DataError
from policy.finetune.judged import Judged
from policy.finetune.odds import Odds
from policy.learners.gather import Gathered, arrays, tells
from policy.learners.types import Feedback, Panel
from policy.verdicts import LABELS, Head, Verdict


def panel_of(head: Head, parts: Sequence[tuple[Judged, Odds]], gold: Gathered) -> Panel:
    """How far the analysts are to be believed about a head, by EM.

    `parts` are judged rows and what the policy says of them, as log-probabilities (R, K).
    """
    feedback, beliefs, items, offset = [gold.feedback], [_known(head, gold)], [_items(gold)], 0
    for judged, chances in parts:
        row = torch.from_numpy(judged.row[head])
        feedback.append(judged.feedback[head])
        beliefs.append(chances[head][row].exp())
        items.append(row + offset)
        offset += len(judged.rows)
    everything = (_joined(feedback), torch.cat(beliefs), len(gold.analysts), torch.cat(items))
    return reliability(*everything).panel


def gold_of(verdicts: Sequence[Verdict], head: Head, analysts: Sequence[str]) -> Gathered:
    """What was said of items with a known answer. Raises DataError for an unknown one."""
    kept = tuple(each for each in verdicts if each.head == head and each.truth and tells(each))
    for each in kept:
        if each.truth not in LABELS[head]:
            raise DataError(f"verdict {each.id}: its known answer {each.truth!r} is no {head}")
    return Gathered(kept, arrays(kept, head, analysts, torch.ones(len(kept))), tuple(analysts))


def _known(head: Head, gold: Gathered) -> Tensor:
    labels = LABELS[head]
    truth = torch.tensor([labels.index(each.truth) for each in gold.kept], dtype=torch.int64)
    return one_hot(truth, len(labels)).float()


def _items(gold: Gathered) -> Tensor:
    """Below zero, where no row of a network is."""
    index: Mapping[tuple[str, str], int] = {
        pair: -1 - place
        for place, pair in enumerate(dict.fromkeys((v.text, v.target) for v in gold.kept))
    }
    return torch.tensor([index[v.text, v.target] for v in gold.kept], dtype=torch.int64)


def _joined(parts: Sequence[Feedback]) -> Feedback:
    return Feedback(
        **{
            each.name: torch.cat([getattr(one, each.name) for one in parts])
            for each in fields(Feedback)
        }
    )
