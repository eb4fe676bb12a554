"""How far each analyst is to be believed: reliabilities by EM, and who answers falsely.

Dawid and Skene 1979 with a model's beliefs in the place of the classes' frequencies. α is how often
a right label is confirmed, κ how often a wrong one, C what is written in its place. Priors
Beta(19, 1) and Beta(1, 19); posterior means, since the mode of Beta(19, 1) is 1.

A reliability is slow to fall: the prior counts 40 verdicts, and an analyst may be false of one
name alone. Who is false is therefore found by a sequential test (Page 1954, CUSUM): errors four in
five against errors one in three, started anew whenever honesty is likelier.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from policy.learners.evidence import corrected, log_evidence, of_shown
from policy.learners.types import Feedback, Panel

RIGHT, WRONG = 19.0, 1.0  # Beta priors: of α, and the other way round of κ
_ROUNDS = 30
_SETTLED = 1e-4  # largest change of α, κ and C between rounds
_ROW = 20.0  # verdicts that the prior of a row of C counts
_LEAST = 0.05  # of a correction to be possible at all: bounds the counts that are added
MEDIOCRE, FALSE = 0.35, 0.8  # rates of error: worse than any honest analyst's; an adversary's
NAMED = 9.0  # nats for FALSE against MEDIOCRE: one wrong accusation in e⁹ = 8,000 fresh starts


@dataclass(frozen=True, slots=True)
class Reliability:
    """A panel and how sure we are of it."""

    panel: Panel
    right: Tensor  # (J, 2) Beta parameters of α
    wrong: Tensor  # (J, 2) Beta parameters of κ
    beliefs: Tensor  # (N, K) P(y | item, all verdicts on it)

    @property
    def trust(self) -> Tensor:
        """α − κ (J,): 1 for the perfect, 0 for a coin, below it for whoever says the opposite."""
        return self.panel.alpha - self.panel.kappa

    @property
    def doubt(self) -> Tensor:
        """Standard deviation (J,) of α − κ."""
        return (_variance(self.right) + _variance(self.wrong)).sqrt()


def newcomers(analysts: int, labels: int) -> Panel:
    """The panel before any verdict: what the priors expect."""
    share = RIGHT / (RIGHT + WRONG)
    alpha = torch.full((analysts,), share)
    return Panel(alpha, 1 - alpha, _rows(torch.full((analysts,), share), labels))


def reliability(
    feedback: Feedback, beliefs: Tensor, analysts: int, items: Tensor | None = None
) -> Reliability:
    """EM over N verdicts and beliefs (N, K) that were held without them.

    Beliefs in a gold item are its known answer: 1 there, 0 elsewhere. `items` (N,) are equal where
    verdicts are about the same headline: they then bear on each other.
    """
    labels = beliefs.shape[1]
    prior = beliefs.double().clamp_min(1e-9).log()
    same = torch.arange(len(feedback)) if items is None else items
    groups = torch.unique(same, return_inverse=True)[1]
    panel = newcomers(analysts, labels)
    for _ in range(_ROUNDS):
        after = _posterior(prior, feedback, panel, groups)
        right, wrong = _confirmations(feedback, after, analysts)
        moved = Panel(_mean(right), _mean(wrong), _corrections(feedback, after, panel))
        step, panel = _largest_step(panel, moved), moved
        if step < _SETTLED:
            break
    return Reliability(panel, right, wrong, after.float())


def _largest_step(before: Panel, after: Panel) -> float:
    names = ("alpha", "kappa", "confusion")
    steps = [(getattr(after, name) - getattr(before, name)).abs() for name in names]
    return max(float(each.max()) if each.numel() else 0.0 for each in steps)


def _posterior(prior: Tensor, feedback: Feedback, panel: Panel, groups: Tensor) -> Tensor:
    """P(y | beliefs and every verdict of the item) (N, K)."""
    evidence = log_evidence(feedback, panel).double()
    pooled = torch.zeros_like(evidence).index_add(0, groups, evidence)[groups]
    return torch.softmax(prior + pooled, dim=1)


def _confirmations(feedback: Feedback, after: Tensor, analysts: int) -> tuple[Tensor, Tensor]:
    """Beta parameters (J, 2) of α and of κ."""
    seen = (feedback.shown >= 0).double()
    was_right = of_shown(after, feedback) * seen
    yes = feedback.confirmed.double()
    tables = []
    for share, prior in ((was_right, (RIGHT, WRONG)), (seen - was_right, (WRONG, RIGHT))):
        counts = torch.stack([share * yes, share * (1 - yes)], dim=1)
        table = torch.tensor(prior, dtype=torch.float64).repeat(analysts, 1)
        tables.append(table.index_add(0, feedback.analyst, counts))
    return tables[0], tables[1]


def _corrections(feedback: Feedback, after: Tensor, panel: Panel) -> Tensor:
    """C (J, K, K): each row leans on how often the analyst's corrections are right at all.

    Counted where what was shown is wrong: who rejects the right label cannot write it again, which
    says that they erred (α), not what they write of wrong ones. Nor can they write the wrong label
    that was shown: as often as `panel` would have it written, it is added (Dempster, Laird and
    Rubin 1977, §4.2, truncated counts).
    """
    analysts, labels = panel.confusion.shape[:2]
    who, barred = feedback.analyst * labels, feedback.shown.clamp_min(0)
    named, told = corrected(feedback), feedback.correction.clamp_min(0)
    share = after * (named[:, None] & (torch.arange(labels) != feedback.shown[:, None]))
    would = panel.confusion[feedback.analyst, :, barred].double() * (feedback.shown >= 0)[:, None]
    hidden = share * would / (1 - would).clamp_min(_LEAST)
    hits = share.gather(1, told[:, None]).squeeze(1)
    counts = torch.stack([hits, (share + hidden).sum(1) - hits], dim=1)
    table = torch.tensor((RIGHT, WRONG), dtype=torch.float64).repeat(analysts, 1)
    usual = _rows(_mean(table.index_add(0, feedback.analyst, counts)), labels).double() * _ROW
    written = torch.zeros(analysts * labels, labels, dtype=torch.float64)
    written.index_add_(0, who + told, share)  # rows: what was written
    written.index_add_(0, who + barred, hidden)
    rows = usual + written.view(analysts, labels, labels).transpose(1, 2)
    return (rows / rows.sum(2, keepdim=True)).float()


def _rows(right: Tensor, labels: int) -> Tensor:
    """(J, K, K) with `right` (J,) on the diagonal and the rest spread evenly."""
    off = (1 - right) / max(labels - 1, 1)
    eye = torch.eye(labels, dtype=right.dtype)
    return off[:, None, None] + eye * (right - off)[:, None, None]


def _mean(table: Tensor) -> Tensor:
    return (table[:, 0] / table.sum(1)).float()


def _variance(table: Tensor) -> Tensor:
    total = table.sum(1)
    return (table[:, 0] * table[:, 1] / (total.square() * (total + 1))).float()


def suspicion(feedback: Feedback, beliefs: Tensor) -> Tensor:
    """Nats (N,) for "false four times in five" after each verdict of one analyst, in order of time.

    Beliefs (N, K) must be held without this analyst's verdicts, else a patient adversary has
    taught us to agree. Whoever reaches NAMED is an adversary.
    """
    steps = error_likelihood(feedback, beliefs, FALSE).log()
    steps -= error_likelihood(feedback, beliefs, MEDIOCRE).log()
    total = torch.cat([steps.new_zeros(1), steps.cumsum(0)])
    return (total - total.cummin(0).values)[1:]


def error_likelihood(feedback: Feedback, beliefs: Tensor, rate: float) -> Tensor:
    """P(verdict | beliefs, errors at this rate) (N,): no answer counts as surely right or wrong."""
    believed = beliefs.double().clamp(1e-6, 1 - 1e-6)
    named = corrected(feedback)
    said = torch.where(named, feedback.correction, feedback.shown).clamp_min(0)
    likely = believed.gather(1, said[:, None]).squeeze(1)
    likely = torch.where(named | feedback.confirmed, likely, 1 - likely)
    spread = torch.where(named, 1 / max(beliefs.shape[1] - 1, 1), 1.0)
    return likely * (1 - rate) + (1 - likely) * rate * spread
