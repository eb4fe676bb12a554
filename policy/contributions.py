"""The linear policy's own account of a label: its weights, which need no approximation."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from policy.data import clean
from policy.explanation import LABELS, Explanation, Head, duel, words_of
from policy.fallback import Linear, asked, known
from policy.ngrams import grams
from policy.types import Prediction


def contributions(
    head: Linear, name: Head, text: str, target: str, shown: Prediction
) -> Explanation:
    """What each word adds to the margin of the label shown over its rival.

    The margin is linear in the n-grams: each n-gram's share goes to the words that it is made
    of, half each for a pair. The bias is the baseline, a headline of which nothing is known.
    """
    pair = duel(name, shown)
    words, place = asked([text], [target])
    seen = grams(words, place)
    places, here = known(seen, head.hashes)
    slopes = (head.weights[:, pair.label] - head.weights[:, pair.rival]).astype(np.float64)
    added = np.where(here, slopes[places], 0.0) * seen.values / head.temperature
    by_token = np.zeros(len(words[0]))
    np.add.at(by_token, seen.first, added / 2)
    np.add.at(by_token, seen.last, added / 2)
    cleaned = clean(text)
    spans = words_of(cleaned)
    weights = _by_word(spans, [token.start for token in words[0]], by_token)
    bias = float(head.bias[pair.label] - head.bias[pair.rival]) / head.temperature
    return Explanation(
        head=name,
        label=LABELS[name][pair.label],
        rival=LABELS[name][pair.rival],
        words=tuple((cleaned[a:b], weight) for (a, b), weight in zip(spans, weights, strict=True)),
        rest=0.0,
        score=bias + float(added.sum()),
        baseline=bias,
        steps=0,
    )


def _by_word(
    spans: list[tuple[int, int]], starts: list[int], by_token: NDArray[np.float64]
) -> list[float]:
    """Tokens' shares summed by the word that each begins in."""
    begins = [start for start, _ in spans]
    weights = [0.0] * len(spans)
    for start, share in zip(starts, by_token, strict=True):
        weights[bisect_right(begins, start) - 1] += float(share)
    return weights
