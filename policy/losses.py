"""What training minimises: the labels' cross-entropy, a teacher's divergence, or both."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div, log_softmax

from policy.batches import UNKNOWN, Batch

_SMOOTHING = 0.05
_TAUGHT = 0.3  # weight of the labels beside a teacher's beliefs
_SOFTNESS = 2.0  # temperature of both sides: what the teacher thinks of the wrong labels counts


def loss_of(topic: Tensor, sentiment: Tensor, batch: Batch) -> Tensor:
    """The labels' cross-entropy; with a teacher mostly the divergence from its beliefs."""
    labels = joint_loss(topic, sentiment, batch)
    if batch.beliefs is None:
        return labels
    return divergence(topic, sentiment, batch) + _TAUGHT * labels


def joint_loss(topic: Tensor, sentiment: Tensor, batch: Batch) -> Tensor:
    """Cross-entropy of both heads over B rows; a row without a label leaves that head alone."""
    total = topic.new_zeros(())
    for logits, labels in ((topic, batch.topics), (sentiment, batch.sentiments)):
        total = total + cross_entropy(
            logits, labels, ignore_index=UNKNOWN, label_smoothing=_SMOOTHING, reduction="sum"
        )
    return total / len(batch.topics)


def divergence(topic: Tensor, sentiment: Tensor, batch: Batch) -> Tensor:
    """Mean over B rows of KL(teacher ‖ policy) of both heads, at a raised temperature.

    Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network".
    """
    assert batch.beliefs is not None
    total = topic.new_zeros(())
    for logits, belief in zip((topic, sentiment), batch.beliefs, strict=True):
        ours = log_softmax(logits / _SOFTNESS, -1)
        theirs = log_softmax(belief / _SOFTNESS, -1)
        total = total + kl_div(ours, theirs, log_target=True, reduction="sum")
    return total * _SOFTNESS**2 / len(topic)
