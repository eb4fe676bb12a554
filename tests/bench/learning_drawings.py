"""The pictures of docs/learning.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

STYLES: Mapping[str, tuple[str, str, str]] = {  # colour, line, label
    "verdict_likelihood": ("#c1121f", "-", "verdict likelihood"),
    "verdict_likelihood+improve": ("#c1121f", "--", "… + improvement"),
    "verdict_likelihood+incurious": ("#e07a7f", ":", "… without curiosity"),
    "verdict_likelihood+trusting": ("#e07a7f", "-.", "… without a panel"),
    "value": ("#1d6fb8", "-", "value"),
    "policy_gradient": ("#2a9d8f", "-", "policy gradient"),
    "reward_model": ("#8a5fbf", "-", "reward model"),
    "confirm_only": ("#e08e00", "-", "confirm only"),
    "kto": ("#b5a900", "-", "KTO"),
    "vowpal_wabbit": ("#5a5a5a", "-", "Vowpal Wabbit"),
}
PANELS = (
    ("accuracy", "test accuracy"),
    ("macro_f1", "test macro-F1"),
    ("ece", "calibration error (ECE)"),
    ("negative_flips", "negative flips against the frozen start"),
    ("reward", "share of shown labels that were right, so far"),
    ("kl", "KL to the frozen start, nats"),
)
plt.rcParams.update(
    {
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": "#e6e6e6",
        "axes.axisbelow": True,
        "figure.dpi": 110,
        "savefig.bbox": "tight",
    }
)
Curve = Sequence[Mapping[str, Any]]


def curves(
    runs: Mapping[str, Sequence[Curve]], ends: Mapping[str, Mapping[str, float]], file: Path
) -> None:
    """Six figures against verdicts, means over the seeds of each learner."""
    figure, axes = plt.subplots(2, 3, figsize=(13.5, 7.2), layout="constrained")
    for axis, (key, title) in zip(axes.flat, PANELS, strict=True):
        for name, seeds in runs.items():
            _line(axis, name, seeds, key)
        for end in ("frozen", "skyline") if key in ("accuracy", "macro_f1") else ():
            axis.axhline(ends[end][key], color="black", linewidth=0.9, linestyle=(0, (4, 3)))
            axis.annotate(end, (1, ends[end][key]), xycoords=("axes fraction", "data"),
                          ha="right", va="bottom", fontsize=9)  # fmt: skip
        axis.set_title(title, loc="left", fontsize=10)
        axis.set_xlabel("verdicts")
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, frameon=False)
    figure.savefig(file)
    plt.close(figure)


def _line(axis: Axes, name: str, seeds: Sequence[Curve], key: str) -> None:
    points = [[point for point in curve if key in point] for curve in seeds]
    length = min(len(each) for each in points)
    at = [point["verdicts"] for point in points[0][:length]]
    values = np.array([[point[key] for point in each[:length]] for each in points])
    colour, style, label = STYLES[name]
    axis.plot(at, values.mean(0), color=colour, linestyle=style, linewidth=1.6, label=label)
    if len(values) > 1:
        error = values.std(0, ddof=1) / np.sqrt(len(values))
        axis.fill_between(
            at, values.mean(0) - error, values.mean(0) + error, color=colour, alpha=0.15
        )


def arms(rows: Sequence[tuple[str, str, float, float, float]], clean: float, file: Path) -> None:
    """Test accuracy by arm and learner, (arm, name, accuracy, error, skyline) each."""
    names = list(dict.fromkeys(arm for arm, *_ in rows))
    figure, axis = plt.subplots(figsize=(9.5, 0.42 * len(names) + 1.6), layout="constrained")
    for name in dict.fromkeys(row[1] for row in rows):
        here = [row for row in rows if row[1] == name]
        colour, _, label = STYLES[name]
        axis.errorbar(
            [row[2] for row in here], [names.index(row[0]) for row in here],
            xerr=[row[3] for row in here], fmt="o", color=colour, label=label, markersize=5,
            fillstyle="full" if name == "verdict_likelihood" else "none",
        )  # fmt: skip
    skies = {row[0]: row[4] for row in rows}
    axis.scatter(list(skies.values()), [names.index(arm) for arm in skies], marker="|", s=160,
                 color="black", label="skyline of the arm")  # fmt: skip
    axis.axvline(clean, color="#c1121f", linewidth=0.8, linestyle=":")
    axis.set_yticks(range(len(names)), names)
    axis.invert_yaxis()
    axis.set_xlabel("test accuracy; dotted: the core in the clean arm")
    figure.legend(loc="outside lower center", ncols=5, frameon=False, fontsize=9)
    figure.savefig(file)
    plt.close(figure)
