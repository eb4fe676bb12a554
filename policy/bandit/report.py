"""Cells of several seeds as one answer: means, standard errors, the share of the gap closed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from policy.bandit.roster import RIVALS, VOWPAL

_MEANS = (
    "accuracy", "macro_f1", "ece", "online_reward", "negative_flips", "positive_flips", "kl",
    "replayed_before", "replayed_after", "new_recall", "named_flips", "verdicts",
)  # fmt: skip
Record = dict[str, Any]
Ends = Sequence[Mapping[str, Record]]  # a seed each


def scale(ends: Ends) -> dict[str, Record]:
    """Frozen and skyline, means over seeds."""
    return {
        end: summary([each[end] | {"test_rows": each.get("test_rows", 0)} for each in ends])
        for end in ("frozen", "skyline")
    }


def learners(played: Mapping[str, Sequence[Record]], ends: Ends) -> dict[str, Record]:
    """A summary by name; the rival's configurations are one, the best by mean test accuracy."""
    told = {name: one(records, ends) for name, records in played.items()}
    tried = {name: told.pop(name) for name in RIVALS if name in told}
    if tried:
        best = max(tried, key=lambda name: tried[name]["accuracy"])
        accuracies = {name.partition(":")[2]: each["accuracy"] for name, each in tried.items()}
        told[VOWPAL] = tried[best] | {
            "configuration": best.partition(":")[2],
            "configurations": accuracies,
        }
    return told


def one(records: Sequence[Record], ends: Ends) -> Record:
    """The summary of one learner, a record and the ends of the scale for each seed."""
    told = summary(records) | {"gap_closed": gap_closed(records, ends)}
    named = [each for record in records for each in record.get("named_after", [])]
    if named:
        told["named_after"] = named
        told["honest_named"] = sum(len(record["honest_named"]) for record in records)
    if any(record["doubt"] for record in records):
        told["doubt"] = next(record["doubt"] for record in records if record["doubt"])
    return told


def summary(records: Sequence[Record]) -> Record:
    """Means over seeds, and the standard error of accuracy.

    Of one seed alone the error is that of its test rows, the only scatter that is known.
    """
    found = {
        key: round(float(np.mean([each[key] for each in records])), 4)
        for key in _MEANS
        if all(key in each for each in records)
    }
    accuracies = [each["accuracy"] for each in records]
    if len(accuracies) > 1:
        error = float(np.std(accuracies, ddof=1)) / math.sqrt(len(accuracies))
    else:
        rows = records[0].get("test_rows", 0)
        error = math.sqrt(accuracies[0] * (1 - accuracies[0]) / rows) if rows else 0.0
    return {"accuracy": found.pop("accuracy"), "accuracy_se": round(error, 4), **found}


def gap_closed(records: Sequence[Record], ends: Ends) -> float | None:
    """(accuracy − frozen) / (skyline − frozen), of means; None where there is no gap."""
    low, high = (np.mean([each[end]["accuracy"] for each in ends]) for end in ("frozen", "skyline"))
    if high <= low:
        return None
    mean = np.mean([each["accuracy"] for each in records])
    return round(float((mean - low) / (high - low)), 4)
