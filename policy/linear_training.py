"""Training of the linear fallback: the same rows and the same cut as a network's, in a minute."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array, diags_array
from scipy.special import log_softmax, softmax

from policy.augment import augment
from policy.calibrate import temperature
from policy.data import Example, cut, fingerprint, sources_of
from policy.durable import replacing
from policy.errors import DataError
from policy.evaluate import figures
from policy.explanation import LABELS, Head
from policy.fallback import Linear, asked, design, write
from policy.linear_card import SAYS_LEAST, render
from policy.manifest import CARD, LINEAR, Description, refuse_others, seal
from policy.ngrams import Grams, grams

_KEPT: dict[Head, int] = {"topic": 60_000, "sentiment": 100_000}  # n-grams: 3.7 MB in all
_RARE = 2  # rows that an n-gram must occur in
_L2 = 1e-7
_ROUNDS = 150  # of L-BFGS: stopping early regularises too
_MEMORY = 6  # steps that L-BFGS remembers
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LinearReport:
    """What came out."""

    checkpoint: Description
    path: Path
    metrics: Mapping[str, Any]  # on the validation cut, calibrated
    seconds: float


def train_linear(
    examples: Sequence[Example], out: Path, seed: int = 0, sources: Sequence[Path] = ()
) -> LinearReport:
    """Fits the heads that have labels and writes a linear checkpoint to `out`, whole or not at all.

    A tenth of the examples is held out as for a network (`policy.data.cut`): it fits the
    temperatures and gives the figures. Raises DataError where a head has too few labels to learn
    from, or `out` holds other files.
    """
    started = time.perf_counter()
    refuse_others(out)
    training, validation = cut(examples, seed)
    # Rows that differ in their target only would count twice for the topic, which is deaf to it.
    rows: dict[Head, Sequence[Example]] = {
        "topic": training,
        "sentiment": augment(training, seed),
    }
    untaught = [head for head in LABELS if not _labelled(head, rows[head])[0]]
    heads: dict[Head, Linear] = {
        head: _untaught(head) if head in untaught else _fit(head, rows[head], validation)
        for head in LABELS
    }
    metrics = _metrics(heads, validation)
    data = {
        "rows": len(examples),
        "training_rows": len(training),
        "validation_rows": len(validation),
        "sha256": fingerprint(examples),
        "sources": sources_of(sources),
        "untaught": untaught,
    }
    command = f"downdraft train LABELLED/*.csv --out DIR --encoder {LINEAR} --seed {seed}"
    with replacing(out) as draft:
        write(draft, heads)
        (draft / CARD).write_text(render(data, metrics, command), encoding="utf-8")
        description = seal(
            draft,
            encoder=LINEAR,
            created_by=command,
            data=data,
            metrics=metrics,
            libraries=("numpy", "scipy", "safetensors"),
        )
    return LinearReport(description, out, metrics, time.perf_counter() - started)


def _fit(head: Head, rows: Sequence[Example], held: Sequence[Example]) -> Linear:
    labels = LABELS[head]
    own, truth = _labelled(head, rows)
    if len(set(truth.tolist())) < 2:
        raise DataError(f"{len(own)} rows with a {head} are too few to learn from; add some")
    seen = _seen(head, own)
    hashes = _commonest(seen, _KEPT[head])
    matrix = design(seen, hashes, len(own))
    scale = _rarity(matrix)
    weights, bias = _logistic(matrix @ diags_array(scale), truth, len(labels))
    fitted = Linear(hashes, (weights * scale[:, None]).astype(np.float32), bias.astype(np.float32))
    checked, known = _labelled(head, held)
    logits = fitted.logits(_seen(head, checked), len(checked))
    return Linear(hashes, fitted.weights, fitted.bias, temperature(logits, known))


def _untaught(head: Head) -> Linear:
    """A head without a label to learn from says the least there is to say, whatever it reads."""
    labels = LABELS[head]
    bias = np.array([label == SAYS_LEAST[head] for label in labels], dtype=np.float32)
    return Linear(np.zeros(1, np.uint32), np.zeros((1, len(labels)), np.float32), bias)


def _labelled(head: Head, rows: Sequence[Example]) -> tuple[list[Example], NDArray[np.int64]]:
    """The rows that have a label of this head, and its index."""
    own = [each for each in rows if getattr(each, head) is not None]
    return own, np.array([LABELS[head].index(getattr(each, head)) for each in own], dtype=np.int64)


def _seen(head: Head, rows: Sequence[Example]) -> Grams:
    targets = [each.target if head == "sentiment" else "" for each in rows]
    return grams(*asked([each.text for each in rows], targets))


def _commonest(seen: Grams, most: int) -> NDArray[np.uint32]:
    """The hashes that occur in the most rows, ascending."""
    pairs = np.unique(
        (seen.hashes.astype(np.uint64) << np.uint64(32)) | seen.rows.astype(np.uint64)
    )
    hashes, counts = np.unique((pairs >> np.uint64(32)).astype(np.uint32), return_counts=True)
    order = np.argsort(-counts, kind="stable")[:most]
    return np.sort(hashes[order[counts[order] >= _RARE]])


def _rarity(matrix: csr_array) -> Floats:
    """Inverse document frequency (F,) with a mean of 1; folded into the weights after the fit."""
    counts = np.bincount(matrix.indices, minlength=matrix.shape[1])
    inverse = np.log((1 + matrix.shape[0]) / (1 + counts)) + 1
    return np.asarray(inverse / inverse.mean(), dtype=np.float64)


def _logistic(matrix: csr_array, truth: NDArray[np.int64], labels: int) -> tuple[Floats, Floats]:
    """Weights (F, K) and bias (K,) of a multinomial logistic regression with an L2 penalty."""
    rows, size = matrix.shape
    across = csr_array(matrix.T)
    wanted = np.eye(labels)[truth]

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights, bias = flat[:-labels].reshape(size, labels), flat[-labels:]
        logs = log_softmax(matrix @ weights + bias, axis=1)
        error = (np.exp(logs) - wanted) / rows
        slope = (across @ error + _L2 * weights).ravel()
        value = -logs[np.arange(rows), truth].mean() + _L2 / 2 * float(
            weights.ravel() @ weights.ravel()
        )
        return float(value), np.concatenate([slope, error.sum(0)])

    start = np.zeros(size * labels + labels)
    options = {"maxiter": _ROUNDS, "maxcor": _MEMORY}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x
    return found[:-labels].reshape(size, labels), found[-labels:]


def _metrics(heads: Mapping[Head, Linear], held: Sequence[Example]) -> dict[str, Any]:
    """Figures a head; sentiment of whole headlines and towards targets apart."""
    parts: dict[str, tuple[Head, list[Example]]] = {
        "topic": ("topic", list(held)),
        "sentiment": ("sentiment", [each for each in held if not each.target]),
        "sentiment_target": ("sentiment", [each for each in held if each.target]),
    }
    answer = {}
    for name, (head, part) in parts.items():
        rows, truth = _labelled(head, part)
        if rows:
            logits = heads[head].logits(_seen(head, rows), len(rows))
            full = figures(softmax(logits, axis=1), logits.argmax(1), truth)
            if head == "topic":
                del full["confusion"]  # 400 counts that nobody reads
            answer[name] = {"rows": len(rows), **full}
    return answer
