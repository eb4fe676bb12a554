"""What no evidence makes good: measured once, before a candidate is put before anybody.

Figures come with every ruling, whether or not one is over its limit. Half a point of accuracy may
be lost, so that many anchors may turn wrong whatever is won; beyond it twice as many must be won.
A single row refuses nobody, nor does the calibration on less than 200, where chance gives 0.05.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from policy.checklist.results import Outcome
from policy.checklist.suite import run
from policy.data import Example
from policy.gate.anchors import Held, chances_of, held
from policy.gate.types import Ruling
from policy.types import Policy, Prediction
from policy.verdicts import LABELS, Head

FORGOTTEN = 0.005  # part of the anchors by which accuracy may fall
TURNED = 0.01  # part of the anchors that may turn from right to wrong
HALF = 0.5  # and beyond FORGOTTEN as many as this part of those that turn from wrong to right
UNCALIBRATED = 0.05  # expected calibration error on the anchors
WORSE_CALIBRATED = 0.01  # and by so much more than the champion's, which may have learned them
MOVED = 0.05  # nats, mean KL(champion ‖ challenger) over headlines that nobody has judged
SLICE_ROWS, SLICE = 100, 0.02  # a label with so many anchors may lose so much accuracy
SUITE = 0.01  # of the mean rate of the metamorphic suite: five points of topics cost it 0.006 once
_FEW = 200  # rows


def vetoes(
    champion: Policy,
    challenger: Policy,
    anchors: Sequence[Example],
    headlines: Sequence[tuple[str, str]],
) -> Ruling:
    """refused with a reason for each limit passed, or shadow: fit to be judged by analysts.

    `headlines` are (text, target), as the news brings them; without anchors or headlines what
    they measure is absent from the figures.
    """
    texts, targets = [each.text for each in anchors], [each.target for each in anchors]
    kept = held(champion.label(texts, targets), challenger.label(texts, targets), anchors)
    moved = _moved(champion, challenger, headlines)
    before, after = run(champion), run(challenger)
    reasons = [
        *(reason for head, each in kept.items() for reason in _forgotten(head, each)),
        *_drifted(moved),
        *_behaviour(before, after),
    ]
    figures = {
        "anchors": {head: _figures(each) for head, each in kept.items()},
        "kl": moved,
        "suite": _suite(before, after),
    }
    return Ruling("refused" if reasons else "shadow", tuple(reasons), figures)


def _forgotten(head: Head, here: Held) -> Iterator[str]:
    rows, lost, won = here.rows, here.negative_flips, here.positive_flips
    if here.before - here.after > FORGOTTEN and lost - won > 1:
        yield (
            f"{head} on {rows} anchors: accuracy falls from {here.before:.1%} to {here.after:.1%}"
            f" ({FORGOTTEN:.1%} is allowed)"
        )
    if lost > 1 and lost > TURNED * rows:
        yield (
            f"{head} on {rows} anchors: {lost} turn from right to wrong, {lost / rows:.2%}"
            f" ({TURNED:.0%} is allowed)"
        )
    if lost > max(1, FORGOTTEN * rows) and lost > HALF * won:
        yield (
            f"{head} on {rows} anchors: {lost} turn from right to wrong and {won} from wrong to"
            " right (half as many are allowed)"
        )
    if rows >= _FEW and here.ece_after > max(UNCALIBRATED, here.ece_before + WORSE_CALIBRATED):
        yield (
            f"{head} on {rows} anchors: the calibration error is {here.ece_after:.3f}, was"
            f" {here.ece_before:.3f} ({UNCALIBRATED:g} is allowed)"
        )
    for label, part in here.parts.items():
        if part.rows >= SLICE_ROWS and part.before - part.after > SLICE:
            yield (
                f"{head} on {part.rows} anchors that are {label}: accuracy falls from"
                f" {part.before:.1%} to {part.after:.1%} ({SLICE:.0%} is allowed)"
            )


def _moved(
    champion: Policy, challenger: Policy, headlines: Sequence[tuple[str, str]]
) -> dict[str, float]:
    """Mean divergence by head, in nats, all labels enumerated."""
    if not headlines:
        return {}
    texts, targets = [text for text, _ in headlines], [target for _, target in headlines]
    old, new = champion.label(texts, targets), challenger.label(texts, targets)
    return {head: round(divergence(head, old, new), 4) for head in LABELS}


def divergence(head: Head, old: Sequence[Prediction], new: Sequence[Prediction]) -> float:
    """Mean KL(old ‖ new) in nats; exact, so never below 0."""
    was, now = (np.array([chances_of(each, head) for each in some]) for some in (old, new))
    was, now = np.clip(was, 1e-12, 1), np.clip(now, 1e-12, 1)
    return max(0.0, float((was * np.log(was / now)).sum(1).mean()))


def _drifted(moved: Mapping[str, float]) -> Iterator[str]:
    for head, nats in moved.items():
        if nats > MOVED:
            yield (
                f"{head}: the answers to headlines that nobody judged move by {nats:.3f} nats in"
                f" the mean ({MOVED:g} is allowed)"
            )


def _behaviour(before: Outcome, after: Outcome) -> Iterator[str]:
    if after.rate < before.rate - SUITE:
        yield (
            f"the questions of `policy check`: the mean rate falls from {before.rate:.1%} to"
            f" {after.rate:.1%} ({SUITE:.1%} is allowed)"
        )


def _suite(before: Outcome, after: Outcome) -> dict[str, Any]:
    """Both mean rates, and the capabilities whose rates differ."""
    pairs = zip(before.results, after.results, strict=True)
    changed = {
        old.name: {"before": round(old.rate, 4), "after": round(new.rate, 4)}
        for old, new in pairs
        if old.passed != new.passed
    }
    return {"before": round(before.rate, 4), "after": round(after.rate, 4), "changed": changed}


def _figures(here: Held) -> dict[str, Any]:
    return {
        name: {label: _figures_of(part) for label, part in value.items()}
        if name == "parts"
        else _rounded(value)
        for name, value in asdict(here).items()
    }


def _figures_of(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _rounded(value) for name, value in part.items()}


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value
