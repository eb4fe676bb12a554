"""The gate attacked: candidates that are no better, worse, better, picked; analysts who lie.

    python tests/bench/bench_gate.py [--runs N]

Headlines on which champion and challenger differ (8 % or 15 % of all; on a fifth of those both are
wrong) are put before a desk of five. The gate rules after every verdict, up to 400. "verdicts" is
the median over all runs, undecided ones included; intervals are exact (Clopper and Pearson), 95 %.
The naive gate promotes whoever was right more often on 300 headlines, or looks every 50 up to
1,000 and promotes at the first look that is in favour. Six minutes of one core.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from scipy.stats import beta

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "policy" / "gate"))

from gate_desk import DESK, judged, truths

from policy.gate.evidence import STAKES
from policy.gate.probation import watch
from policy.gate.promotion import MOST, rule, share
from policy.gate.types import Comparison, Ruling

ALPHA = 0.05
NULL_RUNS = 10_000
Made = Callable[[random.Random], list[Comparison]]


def interval(hits: int, runs: int) -> tuple[float, float]:
    low = beta.ppf(0.025, hits, runs - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, runs - hits) if hits < runs else 1.0
    return float(low), float(high)


def part(hits: int, runs: int) -> str:
    low, high = interval(hits, runs)
    return f"{hits / runs:6.2%} [{low:6.2%}, {high:6.2%}]"


def candidates(gain: float, differing: float = 0.08, **more: object) -> Made:
    def make(draw: random.Random) -> list[Comparison]:
        return judged(truths(MOST, gain, differing, draw), draw, **more)  # type: ignore[arg-type]

    return make


def outcomes(
    made: Made, runs: int, seed: int, decide: Callable[[list[Comparison]], Ruling]
) -> list[Ruling]:
    draw = random.Random(seed)
    return [decide(made(draw)) for _ in range(runs)]


def line(name: str, rulings: Sequence[Ruling], state: str) -> str:
    """Share that came to `state`, and the median of verdicts until then."""
    hits = [each.figures["judged"] for each in rulings if each.state == state]
    needed = median([*hits, *[math.inf] * (len(rulings) - len(hits))])
    worse = sum(each.reasons[0].startswith("shown to be worse") for each in rulings)
    shown = f"{needed:6.0f}" if math.isfinite(needed) else "   > " + str(MOST)
    return f"{name:34} {part(len(hits), len(rulings))}  {shown}  {worse / len(rulings):7.2%}"


def promotions(runs: int) -> None:
    print(f"\n{'candidate (k = 1)':34} {'promoted':24}  verdicts  shown worse")
    arms: list[tuple[str, Made, int]] = [("no better, 8 % differ", candidates(0), NULL_RUNS)]
    for differing in (0.08, 0.15):
        for gain in (-0.05, -0.01, 0.01, 0.02, 0.03):
            name = f"{100 * gain:+.0f} pt, {100 * differing:.0f} % differ"
            arms.append((name, candidates(gain, differing), runs))
    pure = lambda draw: judged(truths(MOST, 0.02, 0.08, draw, neither=0), draw)  # noqa: E731
    arms.append(("+2 pt, 8 % differ, never both wrong", pure, runs))
    for count in (2, 3, 8):
        desk = tuple(f"analyst {n}" for n in range(count))
        arms.append((f"+2 pt, 8 % differ, desk of {count}", candidates(0.02, desk=desk), runs))
    for seed, (name, made, size) in enumerate(arms):
        print(line(name, outcomes(made, size, seed, lambda said: rule(said, 1)), "promoted"))


def uncapped(runs: int, steps: int = 3_000) -> None:
    """The whole's evidence alone, without the condition on each analyst: the looser of the two."""
    rng = np.random.default_rng(0)
    wealth, highest = np.ones((runs, len(STAKES))), np.ones(runs)
    for _ in range(steps):
        z = rng.choice((1, -1, 0), size=runs, p=(0.4, 0.4, 0.2))
        wealth *= 1 + z[:, None] * np.array(STAKES)
        highest = np.maximum(highest, wealth.mean(1))
    for name, bar in (("k = 1", share(ALPHA, 1)), ("α undivided", ALPHA)):
        hits = int((highest >= 1 / bar).sum())
        print(f"{f'no better, {steps:,} verdicts, {name}':34} {part(hits, runs)}")


def quarters(runs: int, tests: int = 10) -> None:
    """Whole quarters of candidates that are no better: one false promotion spoils a quarter."""
    draw, made = random.Random(50), candidates(0)
    spoiled = sum(
        any(rule(made(draw), k).state == "promoted" for k in range(1, tests + 1))
        for _ in range(runs // tests)
    )
    print(f"{f'quarters of {tests}, none better':34} {part(spoiled, runs // tests)}")


def picked(runs: int, count: int = 10) -> None:
    """The best of ten null candidates by 300 past headlines, by the naive gate and by ours."""
    draw, naive, ours = random.Random(51), 0, 0
    for _ in range(runs):
        best = max(sum(truths(24, 0, 0.08, draw)) for _ in range(count))
        naive += best > 0
        ours += rule(candidates(0)(draw), 1).state == "promoted"
    print(f"{'best of ten on the past, naive':34} {part(naive, runs)}")
    print(f"{'best of ten on the past, ours':34} {part(ours, runs)}")


def liars(runs: int) -> None:
    print(f"\n{'with liars among five':34} {'promoted':24}  verdicts  shown worse")
    for gain in (0.0, -0.01, -0.02, -0.05):
        made = candidates(gain, liars={DESK[0]: 1})
        rulings = outcomes(made, runs, 60, lambda said: rule(said, 1))
        print(line(f"{100 * gain:+.0f} pt, one always for it", rulings, "promoted"))
    made = candidates(0, liars=dict.fromkeys(DESK[:2], 1))
    rulings = outcomes(made, runs, 61, lambda said: rule(said, 1))
    print(line("+0 pt, two always for it", rulings, "promoted"))
    for gain in (0.02, 0.03):
        made = candidates(gain, liars={DESK[0]: -1})
        rulings = outcomes(made, runs, 62, lambda said: rule(said, 1))
        print(line(f"{100 * gain:+.0f} pt, one always against it", rulings, "promoted"))
    draw = random.Random(63)
    alone = [damped(candidates(0, liars={DESK[0]: 1})(draw), 30) for _ in range(runs)]
    name = "+0 pt, one for it, stakes damped only"
    print(f"{name:34} {part(sum(alone), runs)}  (not ours: 1 / (1 + n/30))")


def damped(said: Sequence[Comparison], half: float) -> bool:
    """The other cap that was tried: nothing but each analyst's stake falling by what they said."""
    wealth, given = [1.0] * len(STAKES), dict.fromkeys(DESK, 0)
    for one in said:
        stake = 1 / (1 + given[one.analyst] / half)
        given[one.analyst] += 1
        wealth = [each * (1 + s * stake * one.z) for each, s in zip(wealth, STAKES, strict=True)]
        if sum(wealth) / len(wealth) >= 1 / share(ALPHA, 1):
            return True
    return False


def rollbacks(runs: int) -> None:
    print(f"\n{'new champion':34} {'rolled back':24}  verdicts")
    arms = [("as good", 0.0, 0.08), ("+2 pt, 8 % differ", -0.02, 0.08)]
    arms += [
        (f"{-100 * loss:+.0f} pt, {100 * d:.0f} % differ", loss, d)
        for d in (0.08, 0.15)
        for loss in (0.02, 0.05)
    ]
    for seed, (name, loss, differing) in enumerate(arms):
        made = candidates(loss, differing)
        rulings = outcomes(made, runs, 70 + seed, lambda said: watch(said, over=True))
        print(line(name, rulings, "rolled_back").rsplit(maxsplit=1)[0])


def naive(runs: int) -> None:
    print(f"\n{'the naive gate, 8 % differ':34} {'at 300 headlines':24}  looking every 50 to 1,000")
    for gain in (0.0, -0.01, -0.05, 0.02):
        rng = np.random.default_rng(80)
        mean = gain / 0.08
        chances = (0.08 * (0.8 + mean) / 2, 0.08 * (0.8 - mean) / 2)
        u = rng.random((runs, 1_000))
        z = np.where(u < chances[0], 1, np.where(u < sum(chances), -1, 0)).cumsum(1)
        once, looked = int((z[:, 299] > 0).sum()), int((z[:, 49::50] > 0).any(1).sum())
        print(f"{f'{100 * gain:+.0f} pt':34} {part(once, runs)}  {part(looked, runs)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    runs = parser.parse_args().runs
    promotions(runs)
    uncapped(NULL_RUNS)
    quarters(NULL_RUNS)
    picked(runs)
    liars(runs)
    rollbacks(runs)
    naive(NULL_RUNS)


if __name__ == "__main__":
    main()
