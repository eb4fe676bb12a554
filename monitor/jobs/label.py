"""label: unlabelled articles → a label for the headline, and one for each watched name in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.context import Context
from monitor.store import labels
from monitor.store.labels import Unlabelled
from monitor.types import Label
from policy.types import Prediction

_LEASE = timedelta(minutes=5)


def label(context: Context) -> bool:
    """One batch through the policy that is live now."""
    context.follow()
    now, batch = context.clock(), context.settings.policy.batch
    with context.store.write() as tx:
        work = labels.claim(tx, now, _LEASE, batch)
    if not work:
        return False
    asked = [(row, target) for row in work for target in ("", *context.watch_list.find(row.title))]
    with context.metrics.label_seconds.time():
        answers = context.policy.label(
            [row.title for row, _ in asked], [target for _, target in asked]
        )
    now = context.clock()
    new = [
        _label(context, row, target, answer, now)
        for (row, target), answer in zip(asked, answers, strict=True)
    ]
    with context.store.write() as tx:
        labels.add(tx, work, new, now)
    _count(context, work, new, now)
    return len(work) == batch


def _label(
    context: Context, row: Unlabelled, target: str, answer: Prediction, now: datetime
) -> Label:
    return Label(
        article_id=row.article_id,
        target=target,
        topic=answer.topic,
        sentiment=answer.sentiment,
        topic_probabilities=answer.topic_probabilities,
        sentiment_probabilities=answer.sentiment_probabilities,
        checkpoint=context.policy.checkpoint,
        tier=context.policy.tier,
        labelled_at=now,
    )


def _count(
    context: Context, work: Sequence[Unlabelled], new: Sequence[Label], now: datetime
) -> None:
    metrics = context.metrics
    for one in new:
        metrics.labels.labels(head="sentiment", label=one.sentiment, tier=one.tier).inc()
        if not one.target:  # the topic is the headline's, whoever is asked about
            metrics.labels.labels(head="topic", label=one.topic, tier=one.tier).inc()
    for row in work:
        if row.published_at is not None:
            seen = max(0.0, (row.first_seen_at - row.published_at).total_seconds())
            labelled = max(0.0, (now - row.published_at).total_seconds())
            metrics.stage_seconds.labels(stage="seen").observe(seen)
            metrics.stage_seconds.labels(stage="labelled").observe(labelled)
