"""All that was said of a head, for judging the analysts: learned from, kept aside, and gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from policy import annotators
from policy.annotators import Reliability
from policy.errors import DataError
from policy.finetune.judged import Judged
from policy.finetune.odds import Odds
from policy.learners.evidence import log_evidence
from policy.learners.gather import Gathered, arrays, tells
from policy.learners.types import Feedback
from policy.verdicts import LABELS, Head, Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an analyst is believed about one head, by what is known now."""

    analyst: str
    verdicts: int
    alpha: float  # P(confirm | the label shown is right)
    kappa: float  # P(confirm | the label shown is wrong)
    doubt: float  # standard deviation of α − κ
    suspicion: float  # nats, the most ever: annotators.NAMED and above is an adversary
    about: str  # the entity that it is greatest about; "" is all of them together

    @property
    def trust(self) -> float:
        """1 for the perfect, 0 for a coin, below it for whoever says the opposite."""
        return self.alpha - self.kappa


@dataclass(frozen=True, slots=True)
class Testimony:
    """N verdicts about one head, each with what the policy believes of its headline."""

    verdicts: tuple[Verdict, ...]
    feedback: Feedback
    beliefs: Tensor  # (N, K)
    items: Tensor  # (N,) equal where they are about the same headline

    def reliability(self, analysts: int) -> Reliability:
        return annotators.reliability(self.feedback, self.beliefs, analysts, self.items)

    def standings(self, found: Reliability, analysts: Sequence[str]) -> tuple[Standing, ...]:
        """Of everybody who said something about this head, in the order of the panel."""
        without = self._beliefs_of_others(found)
        answer = []
        for row, name in enumerate(analysts):
            own = self._in_time(row)
            if len(own):
                worst, about = self._suspicion(own, without)
                answer.append(
                    Standing(
                        name,
                        len(own),
                        round(found.panel.alpha[row].item(), 4),
                        round(found.panel.kappa[row].item(), 4),
                        round(found.doubt[row].item(), 4),
                        round(worst, 2),
                        about,
                    )
                )
        return tuple(answer)

    def _in_time(self, analyst: int) -> Tensor:
        own = (self.feedback.analyst == analyst).nonzero()[:, 0].tolist()
        by_time = sorted(own, key=lambda i: (self.verdicts[i].at, self.verdicts[i].id))
        return torch.tensor(by_time, dtype=torch.int64)

    def _beliefs_of_others(self, found: Reliability) -> Tensor:
        """(N, K) by the policy and all verdicts of an item but those of the verdict's analyst."""
        evidence = log_evidence(self.feedback, found.panel).double()
        pairs = torch.stack([self.items, self.feedback.analyst])
        own = _summed(evidence, torch.unique(pairs, dim=1, return_inverse=True)[1])
        pooled = _summed(evidence, torch.unique(self.items, return_inverse=True)[1])
        prior = self.beliefs.double().clamp_min(1e-9).log()
        return torch.softmax(prior + pooled - own, dim=1)

    def _suspicion(self, own: Tensor, beliefs: Tensor) -> tuple[float, str]:
        """Over all that they said, and over each entity: one may be false of one name alone."""
        streams = {"": own}
        for name in {self.verdicts[i].target for i in own.tolist()} - {""}:
            streams[name] = own[[self.verdicts[i].target == name for i in own.tolist()]]
        worst = {
            name: annotators.suspicion(self.feedback.take(rows), beliefs[rows]).max().item()
            for name, rows in streams.items()
        }
        about = max(sorted(worst), key=worst.__getitem__)
        return worst[about], about


def testimony(
    head: Head, parts: Sequence[tuple[Gathered, Judged, Odds]], gold: Gathered
) -> Testimony:
    """`parts` are verdicts, their rows, and log-probabilities of the rows (R, K)."""
    feedback, beliefs, items, offset = [gold.feedback], [_known(head, gold)], [_items(gold)], 0
    for _, judged, chances in parts:
        row = torch.from_numpy(judged.row[head])
        feedback.append(judged.feedback[head])
        beliefs.append(chances[head][row].exp())
        items.append(row + offset)
        offset += len(judged.rows)
    verdicts = (*gold.kept, *(each for some, *_ in parts for each in some.kept))
    return Testimony(verdicts, _joined(feedback), torch.cat(beliefs), torch.cat(items))


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


def _summed(values: Tensor, groups: Tensor) -> Tensor:
    """Each row's group's sum: (N, K), (N,) → (N, K)."""
    return torch.zeros_like(values).index_add(0, groups, values)[groups]
