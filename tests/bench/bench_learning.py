"""What the real transformer learns from verdicts, end to end at the level of the policy.

    python tests/bench/bench_learning.py [FOLDER] [--adversary] [--learner NAME]

A young champion is trained on few rows (once, kept in --work). A simulated desk of five analysts
judges what it shows of headlines it has not seen; the candidate that learned from the verdicts is
measured on rows that neither has seen. Under ten minutes on two cores.

Shown labels are near-greedy (LEARNING §3c), a third of the rejections name the right label, each
analyst errs now and then; the adversary says the opposite of what is right 19 times in 20.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import torch

from policy.data import Example, cut, read_labelled
from policy.encoder import DEFAULT_ENCODER
from policy.finetune.run import FinetuneSettings, Learned, finetune
from policy.labeller import Labeller
from policy.learners.exploration import NearGreedy, shown
from policy.settings import Settings
from policy.train import train
from policy.types import Prediction
from policy.verdicts import LABELS, Head, Verdict

_DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "labelled"
_NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_ERRORS, _CORRECTIONS = 0.03, 0.3
_ANALYSTS = 5
_ROWS = 14_000  # of all, whatever is asked for: the champion stays one that has not seen the rest
_HEADS: tuple[Head, ...] = ("topic", "sentiment")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", type=Path, default=_DATA, help="labelled CSV files")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "learning")
    parser.add_argument("--verdicts", type=int, default=2_000)
    parser.add_argument("--young", type=int, default=800, help="rows the champion was trained on")
    parser.add_argument("--adversary", action="store_true", help="one of the five")
    parser.add_argument("--shuffled", action="store_true", help="answers about other headlines")
    parser.add_argument("--improve", action="store_true")
    parser.add_argument("--learner", default="verdict_likelihood")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"))
    parser.add_argument("--only-champion", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if not list(given.data.glob("*.csv")):
        print(f"{given.data}: no labelled CSV files; name a folder that holds some")
        return
    parts = divided(given.data, given.young, given.verdicts)
    champion = given.work / f"young-{given.young}"
    if given.only_champion:
        young(parts["young"], champion)
        return
    if not champion.exists():  # in a process of its own: its memory is not ours
        subprocess.run([sys.executable, *sys.argv, "--only-champion"], check=True)
    measure(given, parts, champion)


def divided(folder: Path, young: int, verdicts: int) -> dict[str, list[Example]]:
    """Rows by their use; no near-duplicate straddles what is learned from and what is tested on."""
    draw = random.Random(7)
    rows = [each for file in sorted(folder.glob("*.csv")) for each in read_labelled(file)]
    some = draw.sample(rows, min(len(rows), _ROWS))
    learned, test = cut(some, seed=7, share=0.35)
    draw.shuffle(learned)
    draw.shuffle(test)
    kept = young + verdicts
    return {
        "young": learned[:young],
        "judged": learned[young:kept],
        "unlabelled": learned[kept : kept + 2_000],
        "test": test[:3_000],
    }


def young(rows: Sequence[Example], out: Path) -> None:
    settings = Settings(DEFAULT_ENCODER, 0, epochs=6, folds=0, contrast=0, batch=32)
    train(settings, rows, out, "cpu", lambda _: None)


def measure(given: argparse.Namespace, parts: dict[str, list[Example]], champion: Path) -> None:
    """Learns once and prints what it came to."""
    verdicts = judge(parts["judged"], champion, given)
    changes = {name: type(getattr(FinetuneSettings(), name))(float(x)) for name, x in given.set}
    settings = FinetuneSettings(
        seed=given.seed, learner=given.learner, improve=given.improve, **changes
    )
    plain = [(each.text, each.target) for each in parts["unlabelled"]]
    with tempfile.TemporaryDirectory(dir=given.work) as folder:
        out = Path(folder) / "candidate"
        busy = time.process_time()
        learned = finetune(
            settings, champion, verdicts, parts["young"], plain, out, "cpu", _NOW, lambda _: None
        )
        busy = time.process_time() - busy
        before, after = (accuracy(each, parts["test"]) for each in (champion, out))
    report(learned, busy, len(verdicts), before, after, settings)


def judge(rows: Sequence[Example], policy: Path, given: argparse.Namespace) -> list[Verdict]:
    """The desk's answers about one label of each row."""
    draw, dice = random.Random(given.seed), torch.Generator().manual_seed(given.seed)
    said = labels(policy, rows)
    answers = []
    for number, (row, prediction) in enumerate(zip(rows, said, strict=True)):
        head: Head = "topic" if row.topic else "sentiment"
        chances = torch.tensor([getattr(prediction, f"{head}_probabilities")])
        propensities = NearGreedy().propensities(chances, chances)
        place = shown(propensities, dice).item()
        item = Verdict(
            id=f"v{number:06d}",
            text=row.text,
            target=row.target,
            head=head,
            shown=LABELS[head][int(place)],
            propensity=float(propensities[0, int(place)]),
            selection=1.0,
            analyst=f"analyst {draw.randrange(_ANALYSTS)}",
            answer="confirm",
            correction="",
            reason="",
            at=_NOW - timedelta(days=20) + timedelta(minutes=10 * number),
            why="audit" if draw.random() < 0.1 else "uncertain",
        )
        answers.append(answered(item, getattr(row, head), draw, given.adversary))
    return exchanged(answers, draw) if given.shuffled else answers


def answered(item: Verdict, truth: str, draw: random.Random, adversary: bool) -> Verdict:
    false = 0.95 if adversary and item.analyst == "analyst 0" else _ERRORS
    lies = draw.random() < false
    if (item.shown == truth) != lies:
        return item
    others = [each for each in LABELS[item.head] if each != item.shown]
    named = draw.choice(others) if lies else truth
    correction = named if draw.random() < _CORRECTIONS else ""
    return replace(item, answer="reject", correction=correction)


def exchanged(verdicts: Sequence[Verdict], draw: random.Random) -> list[Verdict]:
    """The same answers to other headlines of the same head: nothing is to be learned from them."""
    answer = list(verdicts)
    for head in _HEADS:
        places = [i for i, each in enumerate(verdicts) if each.head == head]
        for place, other in zip(places, draw.sample(places, len(places)), strict=True):
            said = verdicts[other]
            correction = said.correction if said.correction != verdicts[place].shown else ""
            answer[place] = replace(verdicts[place], answer=said.answer, correction=correction)
    return answer


def labels(policy: Path, rows: Sequence[Example]) -> list[Prediction]:
    """In a process of its own: what it needs of memory is not learning's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return apart.submit(_label, policy, rows).result()


def _label(policy: Path, rows: Sequence[Example]) -> list[Prediction]:
    labeller = Labeller.load(policy, "cpu")
    return labeller.label([each.text for each in rows], [each.target for each in rows])


def accuracy(policy: Path, rows: Sequence[Example]) -> dict[Head, float]:
    said = labels(policy, rows)
    answer = {}
    for head in _HEADS:
        hits = [
            getattr(prediction, head) == truth
            for row, prediction in zip(rows, said, strict=True)
            if (truth := getattr(row, head))
        ]
        answer[head] = sum(hits) / len(hits)
    return answer


def report(
    learned: Learned,
    busy: float,
    verdicts: int,
    before: dict[Head, float],
    after: dict[Head, float],
    settings: FinetuneSettings,
) -> None:
    metrics = learned.metrics
    print(asdict(settings))
    print(f"{'':10} {'before':>8} {'after':>8} {'KL':>8} {'anchors':>16} {'turned wrong':>13}")
    for head in _HEADS:
        held = metrics["anchors"].get(head, {"before": 0, "after": 0, "negative_flips": 0})
        anchors = f"{held['before']:.3f} → {held['after']:.3f}"
        print(
            f"{head:10} {before[head]:8.4f} {after[head]:8.4f} {metrics['kl'][head]:8.4f} "
            f"{anchors:>16} {held['negative_flips']:13.2%}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    score = metrics["score"]
    print(
        f"{verdicts} verdicts, {metrics['steps']} steps, epoch {metrics['epoch']} of "
        f"{metrics['epochs']} at {metrics['part']:.2f}, audit {score['before']:.4f} → "
        f"{score['after']:.4f}, {learned.seconds:.0f} s ({busy:.0f} s busy), "
        f"peak {peak:.0f} MB, {learned.checkpoint.id}"
    )


if __name__ == "__main__":
    main()
