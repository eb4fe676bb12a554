"""The pictures of docs/detection.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from alerts.bench.protocol import Finding

NOT_BASELINES = ("e_detector", "e_detector_calibrated", "oracle_cusum")
STYLES: dict[str, tuple[str, str, str]] = {  # colour, line, label
    "e_detector": ("#c1121f", "-", "e-detector"),
    "oracle_cusum": ("#000000", "--", "oracle CUSUM"),
    "binomial_cusum": ("#1d6fb8", "-", "binomial CUSUM"),
    "ewma": ("#2a9d8f", "-", "EWMA of the share"),
    "z_24h": ("#8a5fbf", "-", "z, 24 h"),
    "z_6h": ("#c9a0dc", "-", "z, 6 h"),
    "nb_cusum": ("#e08e00", "-", "NB-CUSUM"),
    "ears_c2": ("#8c8c8c", "-", "EARS C2"),
}
AMOC_METHODS = tuple(STYLES)
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


def over(one: Finding) -> float:
    """Measured over promised rate."""
    return one.rate.measured / one.promised


def best_baseline(here: Mapping[str, Finding]) -> Finding | None:
    """The quickest by mean delay of those that know nothing of the truth and keep their rate."""
    others = [one for name, one in here.items() if name not in NOT_BASELINES]
    kept = [one for one in others if one.rate.low <= 1.1 * one.promised]
    return min(kept, key=lambda one: one.delay.restricted_mean, default=None)


def amoc(curves: Sequence[Finding], regimes: Sequence[str], path: Path) -> None:
    """Small multiples: mean delay against measured false alarms."""
    figure, axes = plt.subplots(2, 3, figsize=(12, 8), sharex=True, sharey=True)
    for axis, regime in zip(axes.flat, regimes, strict=True):
        for name, (colour, line, label) in STYLES.items():
            own = [one for one in curves if one.regime == regime and one.method == name]
            own = sorted((one for one in own if one.rate.alarms), key=lambda one: one.rate.measured)
            x = [26 * one.rate.measured for one in own]
            y = [one.delay.restricted_mean for one in own]
            width = 2.6 if name == "e_detector" else 1.5
            axis.plot(
                x, y, line, color=colour, label=label, lw=width, marker="o", ms=3.5, zorder=width
            )
            if name == "e_detector":
                promised = [one for one in own if abs(one.promised - 1 / 26) < 1e-9]
                spots = [(26 * one.rate.measured, one.delay.restricted_mean) for one in promised]
                axis.plot(*zip(*spots, strict=True), "o", color=colour, ms=10, mfc="none", mew=2)
        _amoc_axis(axis, regime)
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncol=8, frameon=False, fontsize=9)
    figure.supxlabel("false alarms measured, per stream in 26 weeks (log scale)", y=0.075)
    figure.supylabel("mean hours to the alarm (a shift missed for 72 h counts 72; log scale)")
    figure.suptitle(
        "Delay against false alarms; the ring is the e-detector at a promise of 1", fontsize=12
    )
    figure.tight_layout(rect=(0.01, 0.06, 1, 0.99))
    figure.savefig(path)
    plt.close(figure)


def _amoc_axis(axis: Axes, regime: str) -> None:
    axis.set_xscale("log")
    axis.set_title(regime, fontsize=11)
    axis.axvline(1, color="#bbbbbb", lw=1, zorder=0)
    axis.set_yscale("log")
    axis.set_ylim(4.5, 75)
    across, up = (0.1, 0.3, 1, 3, 10, 30), (5, 10, 15, 20, 30, 40, 60)
    axis.set_xticks(across, [f"{t:g}" for t in across])
    axis.set_yticks(up, [str(t) for t in up])
    axis.minorticks_off()


def promise(findings: Mapping[tuple[str, str], Finding], names: Sequence[str], path: Path) -> None:
    """Measured over promised false alarms of ours, a row a regime."""
    figure, axis = plt.subplots(figsize=(8, 6.6))
    rows = np.arange(len(names))[::-1]
    axis.axvspan(0.4, 1.0, color="#e8f3ec", zorder=0)
    axis.axvline(1.0, color="#2a7f4f", lw=1.2)
    for row, name in zip(rows, names, strict=True):
        one = findings[name, "e_detector"]
        low, high = one.rate.low / one.promised, one.rate.high / one.promised
        axis.plot([low, high], [row, row], color="#c1121f", lw=2)
        axis.plot(over(one), row, "o", color="#c1121f", ms=6)
    axis.set_yticks(rows, names)
    axis.set_xlim(left=0)
    axis.set_xlabel("false alarms measured over promised, 95 % interval (green: 0.4 to 1.0)")
    axis.set_title("Is the promise kept? The e-detector, its threshold not calibrated", fontsize=12)
    axis.grid(axis="y", visible=False)
    figure.savefig(path)
    plt.close(figure)


def delays(findings: Mapping[tuple[str, str], Finding], names: Sequence[str], path: Path) -> None:
    """Median delays, a row a regime; what is not found by half within 72 h stands at the edge."""
    figure, axis = plt.subplots(figsize=(9, 7))
    rows = np.arange(len(names))[::-1]
    marks = {"ears_c2": "s", "nb_cusum": "D", "oracle_cusum": "|", "e_detector": "o"}
    for row, name in zip(rows, names, strict=True):
        here = {m: f for (r, m), f in findings.items() if r == name}
        best = best_baseline(here)
        if best:
            hours = min(best.delay.median, 75)
            axis.plot(hours, row, "^", color="#1d6fb8", ms=7, label="best baseline")
        hours = min(here["e_detector_calibrated"].delay.median, 75)
        label = "e-detector, calibrated"
        axis.plot(hours, row, "o", color="#c1121f", mfc="none", ms=9, mew=1.4, label=label)
        for method, mark in marks.items():
            colour, _, label = STYLES[method]
            hours = min(here[method].delay.median, 75)
            bold = {"ms": 13, "mew": 2.2} if mark == "|" else {"ms": 6.5}
            axis.plot(hours, row, mark, color=colour, label=label, **bold)
    axis.set_yticks(rows, names)
    axis.set_xticks([0, 12, 24, 36, 48, 60, 75], ["0", "12", "24", "36", "48", "60", "over 72"])
    axis.set_xlabel("median hours from the shift to the alarm")
    axis.set_title(
        "How long after the shift? Others at one measured false alarm in 26 weeks", fontsize=12
    )
    handles, labels = axis.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    figure.legend(
        unique.values(), unique.keys(), loc="lower center", ncol=6, frameon=False,
        columnspacing=1.2, bbox_to_anchor=(0.5, -0.04),
    )  # fmt: skip
    figure.savefig(path)
    plt.close(figure)
