"""What no text and no company may do to an answer: break it, or change it."""

from __future__ import annotations

from collections.abc import Sequence

from policy.checklist.cases import Question
from policy.checklist.results import Finding, Result, tally
from policy.types import SENTIMENTS, TOPICS, Policy, Prediction

_WORDS = 10_000
_TOLERANCE = 0.05  # half-precision sums differ a little with the width of a batch
_NEIGHBOURS = (Question("oil and gas " * 200), Question(""))
ODD_TEXTS: tuple[tuple[str, str], ...] = (
    ("empty", ""),
    ("a space", " "),
    ("control characters", "\x00\x01\x07\x1b[31m"),
    ("a lone surrogate", "profit \ud800 rises"),
    ("right-to-left override", "\u202eprofit rises\u202c"),
    ("combining marks", "p" + "\u0301" * 500 + "rofit"),
    ("emoji", "🔥📉👩‍👩‍👧‍👦" * 50),
    ("only punctuation", "?!… —— ///"),
    ("only a link", "https://t.co/a"),
    ("only digits", "0123456789 " * 20),
    ("only replacement characters", "\ufffd" * 40),
    ("ten thousand words", "shares " * _WORDS),
    ("one word of 50,000 letters", "a" * 50_000),
    ("markup", "<script>alert(1)</script><b>profit</b> &lt;&amp;&#x1F4C9;"),
    ("special tokens", "[CLS] profit [SEP] [MASK] [PAD] </s> <unk>"),
    ("Chinese", "公司季度利润下降"),
    ("Arabic", "ارتفعت أرباح الشركة"),
    ("Cyrillic", "Прибыль компании выросла"),
    ("Thai", "กำไรของบริษัทเพิ่มขึ้น"),
    ("private use and unassigned", "\ue000\uf8ff\U000e0001"),
    ("line breaks", "profit\r\n\trises\u2028fast"),
)


def answers_odd_texts(policy: Policy) -> Result:
    """Each odd text, as headline and as target, gets two finite distributions that sum to 1."""
    names = [f"{name} as {role}" for name, _ in ODD_TEXTS for role in ("headline", "target")]
    texts = [each for _, odd in ODD_TEXTS for each in (odd, "Norgate profit rises")]
    targets = [each for _, odd in ODD_TEXTS for each in ("", odd)]
    try:
        answers = policy.label(texts, targets)
    except Exception as error:  # whatever it raises is what is being asked about
        reasons = [f"raised {type(error).__name__}"] * len(texts)
    else:
        missing = len(answers) != len(texts)
        number = f"{len(answers)} answers to {len(texts)} texts"
        reasons = [number] * len(texts) if missing else [flaw(each) for each in answers]
    found = zip(names, reasons, strict=True)
    return tally(
        "odd texts", "MFT", [Finding(not why, 1.0, f"{name}: {why}") for name, why in found]
    )


def flaw(answer: Prediction) -> str:
    """Why an answer is not two distributions, each with a label; "" if it is."""
    heads = (
        (answer.topic_probabilities, answer.topic, TOPICS),
        (answer.sentiment_probabilities, answer.sentiment, SENTIMENTS),
    )
    for chances, label, labels in heads:
        if label not in labels:
            return f"{label!r} is no label"
        if len(chances) != len(labels):
            return f"{len(chances)} probabilities for {len(labels)} labels"
        if not all(each >= 0 for each in chances):  # nor is NaN, and infinity breaks the sum
            return "a probability is negative or not a number"
        if abs(sum(chances) - 1) > 1e-6:
            return f"probabilities sum to {sum(chances):.6f}"
    return ""


def alike_in_company(policy: Policy, seeds: Sequence[Question]) -> Result:
    """Each seed alone, then all in one call, backwards, among long and empty texts."""
    alone = [policy.label([seed.text], [seed.target])[0] for seed in seeds]
    crowd = [each for seed in reversed(seeds) for each in (seed, *_NEIGHBOURS)]
    answers = policy.label([each.text for each in crowd], [each.target for each in crowd])
    together = answers[:: 1 + len(_NEIGHBOURS)][::-1]
    return tally(
        "alone or in a batch",
        "INV",
        [_compare(*each) for each in zip(seeds, alone, together, strict=True)],
    )


def _compare(seed: Question, alone: Prediction, together: Prediction) -> Finding:
    old = (*alone.sentiment_probabilities, *alone.topic_probabilities)
    new = (*together.sentiment_probabilities, *together.topic_probabilities)
    moved = max(abs(a - b) for a, b in zip(old, new, strict=True))
    labels = (alone.sentiment, alone.topic), (together.sentiment, together.topic)
    shown = f"{seed.text}: alone {', '.join(labels[0])}; in a batch {', '.join(labels[1])}"
    return Finding(labels[0] == labels[1] and moved <= _TOLERANCE, moved, shown, moved)
