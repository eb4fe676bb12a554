"""Runs the protocol and writes what it found into docs/detection.md and docs/detection/*.png.

    python tests/bench/detection_pictures.py [--weeks N] [--jobs J] [--seed S]

Tables in docs/detection.md stand between `<!-- NAME -->` and `<!-- end -->`; all else there is
written by hand and left alone. Takes about an hour on two cores at 5,000 weeks.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import detection_drawings as drawings
import doc_tables
from bench_detector import speed

from alerts.bench import methods
from alerts.bench.protocol import PROMISED, Finding, Size, judge
from alerts.bench.regimes import REGIMES

DOCS = Path(__file__).resolve().parents[2] / "docs"
AMOC_REGIMES = ("volume-0.2", "volume-1.5", "volume-6", "volume-20", "rho-0.2", "drift")
AMOC_RATES = (1.0, 1 / 4, 1 / 13, 1 / 26)  # false alarms a stream-week
LOOSER = (4.0, 2.0)  # promises of ours that are measured at about the rates of the others
Findings = dict[tuple[str, str], Finding]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weeks", type=int, default=10_000, help="quiet stream-weeks a regime")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    size = Size(options.weeks)
    with ProcessPoolExecutor(options.jobs) as pool:
        found = pool.map(_judge, _tasks(size, options.seed))
        findings = {(one.regime, one.method): one for one in _told(found)}
        curves = list(_told(pool.map(_judge, _amoc_tasks(size, options.seed))))
    folder = DOCS / "detection"
    folder.mkdir(exist_ok=True)
    names = [regime.name for regime in REGIMES]
    drawings.promise(findings, names, folder / "promise.png")
    drawings.delays(findings, names, folder / "delays.png")
    drawings.amoc(curves, AMOC_REGIMES, folder / "amoc.png")
    page = DOCS / "detection.md"
    text = page.read_text(encoding="utf-8")
    for name, table in _tables(findings, size, options.seed).items():
        text = doc_tables.replaced(page, text, name, table)
    page.write_text(text, encoding="utf-8")


def _judge(task: tuple[str, str, Size, int, float]) -> Finding:
    return judge(*task)


def _told(found: Iterable[Finding]) -> Iterable[Finding]:
    for one in found:
        print(f"{one.regime}, {one.method}: {one.rate.measured / one.promised:.2f}", flush=True)
        yield one


def _tasks(size: Size, seed: int) -> list[tuple[str, str, Size, int, float]]:
    return [(r.name, m.name, size, seed, PROMISED) for r in REGIMES for m in methods.available()]


def _amoc_tasks(size: Size, seed: int) -> list[tuple[str, str, Size, int, float]]:
    return [
        (regime, name, size, seed, rate)
        for regime in AMOC_REGIMES
        for name in drawings.AMOC_METHODS
        for rate in (*(LOOSER if name == "e_detector" else ()), *AMOC_RATES)
    ]


def _tables(findings: Findings, size: Size, seed: int) -> dict[str, str]:
    return {
        "size": _size(findings, size, seed),
        "regimes": _regimes(),
        "promise": _promise(findings),
        "delays": _delays(findings),
        "rates": _rates(findings),
        "cost": _cost(),
    }


def _size(findings: Findings, size: Size, seed: int) -> str:
    shifts = findings[REGIMES[0].name, "e_detector"].delay.shifts
    return (
        f"Seed {seed}; at least {size.stream_weeks:,} quiet stream-weeks and {shifts:,} shifts a "
        f"regime ({size.slow:,} and {size.slow // 2:,} for ADWIN, Page–Hinkley and S-H-ESD), as "
        "many again to set thresholds; intervals are 95 %."
    )


def _regimes() -> str:
    rows = [[r.name, r.about, f"{r.odds:g}"] for r in REGIMES]
    return doc_tables.table(["regime", "what happens", "odds ratio of the shift"], rows)


def _promise(findings: Findings) -> str:
    """Ours at the promised threshold: rate, and delay against the oracle and the best other."""
    rows = []
    for regime in REGIMES:
        here = {m: f for (r, m), f in findings.items() if r == regime.name}
        mine, oracle = here["e_detector"], here["oracle_cusum"]
        best = drawings.best_baseline(here)
        rows.append(
            [
                regime.name,
                _ratio(mine),
                _median(mine),
                _median(here["e_detector_calibrated"]),
                _median(oracle),
                f"{_median(best)} {best.method}" if best else "none keeps its rate",
                _median(here["ears_c2"]),
                _median(here["nb_cusum"]),
            ]
        )
    head = "regime,measured / promised,e-detector,calibrated,oracle,best baseline,EARS C2,NB-CUSUM"
    return doc_tables.table(head.split(","), rows)


def _delays(findings: Findings) -> str:
    names = [m.name for m in methods.METHODS if (REGIMES[0].name, m.name) in findings]
    rows = [
        [name, *(_short(findings[regime.name, name]) for regime in REGIMES if not regime.nuisance)]
        for name in names
    ]
    return doc_tables.table(["method", *(r.name for r in REGIMES if not r.nuisance)], rows)


def _rates(findings: Findings) -> str:
    names = [m.name for m in methods.METHODS if (REGIMES[0].name, m.name) in findings]
    nuisances = [r.name for r in REGIMES if r.nuisance]
    rows = [
        [name, *(f"{drawings.over(findings[r, name]):.2f}" for r in ("volume-6", *nuisances))]
        for name in names
    ]
    return doc_tables.table(["method", "quiet (volume-6)", *nuisances], rows)


def _cost() -> str:
    rows = []
    for streams in (30, 220, 1000, 10_000):
        micros, size = speed(streams)
        rows.append([f"{streams:,}", f"{micros:.2f}", str(size)])
    return doc_tables.table(["streams", "µs an update of a stream", "bytes a stream"], rows)


def _ratio(one: Finding) -> str:
    low, high = one.rate.low / one.promised, one.rate.high / one.promised
    return f"{drawings.over(one):.2f} ({low:.2f}–{high:.2f})"


def _median(one: Finding) -> str:
    d = one.delay
    interval = f" ({_h(d.median_low)}–{_h(d.median_high)})" if d.median_low < float("inf") else ""
    return f"{_h(d.median)}{interval}, {d.detected:.0%}"


def _short(one: Finding) -> str:
    return f"{_h(one.delay.median)} / {_h(one.delay.p90)} / {one.delay.detected:.0%}"


def _h(hours: float) -> str:
    return f"{hours:g}" if hours < float("inf") else ">72"


if __name__ == "__main__":
    main()
