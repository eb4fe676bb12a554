"""Who among the analysts is believed, and who answers falsely: of everybody, or of one name alone.

Every verdict is held against what is believed without its author: what a policy says that never
learned from verdicts, corrected by all that the others have said. Where that policy is often wrong,
honest analysts correct it alike, and the correction learns from them to expect it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from policy.annotators import (
    NAMED,
    Reliability,
    error_likelihood,
    newcomers,
    reliability,
    suspicion,
)
from policy.learners.evidence import log_evidence
from policy.learners.gather import arrays, tells
from policy.learners.linear import Head as LinearHead
from policy.learners.linear import fit
from policy.learners.types import Feedback, Panel
from policy.learners.verdict_likelihood import VerdictLikelihood
from policy.types import Prediction
from policy.verdicts import LABELS, Head, Verdict

Word = Literal["trusted", "watched", "adversary"]

BELIEVED = 0.5  # α − κ from which an analyst may judge a candidate
_ROUNDS = 2
_FEWEST = 11  # verdicts that can reach NAMED at all: ln(0.8 / 0.35) nats each at most


@dataclass(frozen=True, slots=True)
class Standing:
    """One analyst over both heads."""

    analyst: str
    standing: Word
    trust: float  # α − κ, of the head where it is less
    verdicts: int  # that say anything
    figures: Mapping[str, Any]  # "false", "suspicion", "named", "entities", and "heads"


@dataclass(frozen=True, slots=True)
class _Heard:
    """N verdicts of one analyst on one head, in order of time."""

    feedback: Feedback
    beliefs: Tensor  # (N, K), held without them
    wrong: Tensor  # (N,) P(the verdict is false), after all that everybody said

    def take(self, rows: Tensor) -> _Heard:
        return _Heard(self.feedback.take(rows), self.beliefs[rows], self.wrong[rows])


@dataclass(frozen=True, slots=True)
class _Suspect:
    """One analyst, on one head, about everything or one target."""

    suspicion: float  # the most it came to
    false: float  # verdicts expected to be false
    false_before_named: float | None  # of them, until it reached NAMED; None: it did not

    def document(self) -> dict[str, Any]:
        known = {"suspicion": round(self.suspicion, 2), "false": round(self.false, 1)}
        if self.false_before_named is None:
            return known
        return known | {"named_after": round(self.false_before_named, 1)}


def standings(verdicts: Sequence[Verdict], said: Sequence[Prediction]) -> list[Standing]:
    """Everybody who gave a verdict that says anything, by name.

    `said` is of each verdict's (text, target), by a policy that never saw verdicts.
    """
    pairs = sorted(zip(verdicts, said, strict=True), key=lambda pair: (pair[0].at, pair[0].id))
    found: dict[str, dict[Head, dict[str, Any]]] = {}
    for head in LABELS:
        some = [pair for pair in pairs if pair[0].head == head and tells(pair[0])]
        for analyst, figures in _of_head(head, some):
            found.setdefault(analyst, {})[head] = figures
    return [_standing(analyst, found[analyst]) for analyst in sorted(found)]


def _of_head(
    head: Head, pairs: Sequence[tuple[Verdict, Prediction]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    if not pairs:
        return
    verdicts = [verdict for verdict, _ in pairs]
    names = sorted({each.analyst for each in verdicts})
    feedback = arrays(verdicts, head, names, torch.ones(len(verdicts)))
    items = _items(verdicts)
    beliefs = _apart(head, pairs, feedback, items, len(names))
    known = reliability(feedback, beliefs, len(names), items)
    held = _with_others(beliefs, feedback, known.panel, items)
    for place, analyst in enumerate(names):
        rows = torch.nonzero(feedback.analyst == place).squeeze(1)
        targets = [verdicts[row].target for row in rows.tolist()]
        wrong = 1 - error_likelihood(feedback.take(rows), known.beliefs[rows], 0.0)
        own = _Heard(feedback.take(rows), held[rows], wrong)
        yield analyst, _figures(known, place, own, targets)


def _figures(known: Reliability, place: int, own: _Heard, targets: Sequence[str]) -> dict[str, Any]:
    entities = {}
    for target in sorted({*targets} - {""}):
        rows = torch.tensor([row for row, each in enumerate(targets) if each == target])
        if len(rows) >= _FEWEST:
            entities[target] = _suspect(own.take(rows)).document()
    return {
        "verdicts": len(own.wrong),
        "trust": round(float(known.trust[place]), 4),
        "doubt": round(float(known.doubt[place]), 4),
        **_suspect(own).document(),
        "entities": entities,
    }


def _suspect(own: _Heard) -> _Suspect:
    rising, false = suspicion(own.feedback, own.beliefs), torch.cumsum(own.wrong, 0)
    over = torch.nonzero(rising >= NAMED).flatten()
    named_after = float(false[over[0]]) if len(over) else None
    return _Suspect(float(rising.max()), float(false[-1]), named_after)


def _standing(analyst: str, heads: Mapping[Head, Mapping[str, Any]]) -> Standing:
    trust = min(figures["trust"] for figures in heads.values())
    named = sorted({name for figures in heads.values() for name in _named(figures)})
    figures = {
        "false": round(sum(each["false"] for each in heads.values()), 1),
        "suspicion": max(each["suspicion"] for each in heads.values()),
        "named": named,  # "": false of everything; else the targets
        "heads": {head: dict(each) for head, each in heads.items()},
    }
    verdicts = sum(each["verdicts"] for each in heads.values())
    return Standing(analyst, _word(trust, named), trust, verdicts, figures)


def _word(trust: float, named: Sequence[str]) -> Word:
    if named:
        return "adversary"
    return "watched" if trust < BELIEVED else "trusted"


def _named(figures: Mapping[str, Any]) -> Iterator[str]:
    if "named_after" in figures:
        yield ""
    else:
        yield from (name for name, each in figures["entities"].items() if "named_after" in each)


def _apart(
    head: Head,
    pairs: Sequence[tuple[Verdict, Prediction]],
    feedback: Feedback,
    items: Tensor,
    analysts: int,
) -> Tensor:
    """Beliefs (N, K) about each verdict's item that its author has had no part in."""
    features, plain = _features(head, [said for _, said in pairs])
    truths = _truths(head, [verdict for verdict, _ in pairs])
    panel, beliefs = newcomers(analysts, plain.shape[1]), plain.exp()
    for _ in range(_ROUNDS):  # all alike first, then each by what that says of them
        beliefs = _told(_without_each(features, plain, feedback, panel), truths)
        panel = reliability(feedback, beliefs, analysts, items).panel
    return beliefs


def _without_each(features: Tensor, plain: Tensor, feedback: Feedback, panel: Panel) -> Tensor:
    """Beliefs (N, K), each row's by what all but its author have taught."""
    beliefs = plain.exp()
    for place in range(len(panel.alpha)):
        own = feedback.analyst == place
        if own.sum() >= _FEWEST and not own.all():
            beliefs[own] = _corrected(features, plain, feedback, ~own, panel)[own]
    return beliefs


def _features(head: Head, said: Sequence[Prediction]) -> tuple[Tensor, Tensor]:
    """Log-probabilities of both heads (N, 23), the judged one first, and of that one (N, K)."""
    topics = torch.tensor([each.topic_probabilities for each in said]).clamp_min(1e-6).log()
    moods = torch.tensor([each.sentiment_probabilities for each in said]).clamp_min(1e-6).log()
    own, other = (topics, moods) if head == "topic" else (moods, topics)
    return torch.cat([own, other], 1), own


def _corrected(
    features: Tensor, plain: Tensor, feedback: Feedback, some: Tensor, panel: Panel
) -> Tensor:
    """Beliefs (N, K) by a linear map of what the policy said, taught by `some` of the verdicts."""
    labels = plain.shape[1]
    start = LinearHead(torch.eye(labels, features.shape[1]), torch.zeros(labels))
    rows = torch.nonzero(some).squeeze(1)
    learned = fit(
        VerdictLikelihood(), features[rows], feedback.take(rows), panel, None, start, pull=3.0
    )
    return torch.softmax(learned.logits(features), 1)


def _with_others(beliefs: Tensor, feedback: Feedback, panel: Panel, items: Tensor) -> Tensor:
    """Beliefs (N, K) after what others said of the very same item."""
    evidence = log_evidence(feedback, panel)
    mine = items * (int(feedback.analyst.max()) + 1) + feedback.analyst
    others = _sums(evidence, items) - _sums(evidence, torch.unique(mine, return_inverse=True)[1])
    return torch.softmax(beliefs.clamp_min(1e-9).log() + others, 1)


def _sums(values: Tensor, groups: Tensor) -> Tensor:
    """Each row (N, K) becomes the sum over its group."""
    return torch.zeros_like(values).index_add(0, groups, values)[groups]


def _items(verdicts: Sequence[Verdict]) -> Tensor:
    known: dict[tuple[str, str], int] = {}
    places = [known.setdefault((each.text, each.target), len(known)) for each in verdicts]
    return torch.tensor(places)


def _truths(head: Head, verdicts: Sequence[Verdict]) -> list[int]:
    """The known answers of gold items, −1 elsewhere."""
    labels = LABELS[head]
    return [labels.index(each.truth) if each.truth in labels else -1 for each in verdicts]


def _told(beliefs: Tensor, truths: Sequence[int]) -> Tensor:
    """Beliefs with the known answers in the place of what is believed of gold items."""
    told = torch.tensor(truths)
    sure = torch.nn.functional.one_hot(told.clamp_min(0), beliefs.shape[1]).to(beliefs.dtype)
    return torch.where((told >= 0)[:, None], sure, beliefs)
