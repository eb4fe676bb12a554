"""A candidate frozen: measured, and either refused at once or put on trial."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from monitor.learning.schooling import Material, Request
from monitor.learning.setting import Round
from monitor.store import learning, trials
from monitor.store.engine import Transaction
from monitor.store.learning import KnownCheckpoint
from monitor.store.trials import Opening, Trial
from policy.gate.types import Ruling
from policy.manifest import Description, describe


def freeze(this: Round, request: Request, path: Path, given: Material) -> Trial:
    """Its rows, in one transaction: the checkpoint, and the trial that it stands or has failed."""
    description = describe(path)
    ruling = _vetoes(this, request, description, given)
    now = this.clock()
    with this.store.write() as tx:
        before = _stood(tx, request, description.id)
        if before:  # killed between this and forgetting the request
            return before
        metrics = dict(description.metrics)
        learning.add_checkpoint(
            tx,
            KnownCheckpoint(
                description.id,
                str(path.resolve()),
                request.champion,
                request.learner,
                metrics,
                now,
            ),
        )
        told = _taught(this, request)
        return trials.begin(tx, _opening(tx, request, description, ruling, told, now))


def _vetoes(this: Round, request: Request, candidate: Description, given: Material) -> Ruling:
    if candidate.id == request.champion:
        return Ruling("refused", ("nothing was learned: it is what is live",), {})
    from policy.gate.vetoes import vetoes

    sides = [request.champion, candidate.id]
    for place in range(len(sides)):
        this.show("measuring the candidate", place, len(sides))
        this.bench.of(sides[place])
    champion, challenger = (this.bench.of(side).policy for side in sides)
    ruling = vetoes(champion, challenger, given.for_gate, given.headlines)
    this.show("measuring the candidate", len(sides), len(sides))
    return ruling


def _stood(tx: Transaction, request: Request, id_: str) -> Trial | None:
    """The trial that this very training has had already."""
    for one in trials.of_challenger(tx, id_):
        if one.trained_through == request.through:
            return one
    return None


def _taught(this: Round, request: Request) -> list[str]:
    """What its card must own up to beside the figures. Nobody's name: cards travel."""
    held_to = (
        "Anchors: rows of `learn.anchors` that no training saw"
        if this.settings.learn.anchors
        else "Anchors: made-up headlines of our own, for `learn.anchors` names no file"
    )
    left_out = (
        f"Analysts found to answer falsely, from whom nothing was learned: {len(request.without)}"
    )
    return [held_to, left_out]


def _opening(
    tx: Transaction,
    request: Request,
    candidate: Description,
    ruling: Ruling,
    told: list[str],
    now: datetime,
) -> Opening:
    refused = ruling.state == "refused"
    return Opening(
        kind="promotion",
        challenger=candidate.id,
        champion=request.champion,
        test=0 if refused else trials.tests_since(tx, quarter(now)) + 1,
        trained_through=request.through,
        looked_through=trials.waiting(tx, 0).newest,
        opened_at=now,
        report={
            "learned": dict(candidate.metrics),
            "vetoes": dict(ruling.figures),
            "taught": told,
        },
        state="refused" if refused else "shadow",
        reasons=ruling.reasons,
        decided_at=now if refused else None,
    )


def quarter(now: datetime) -> datetime:
    """Its beginning: the error of 5 % is shared among the tests of one."""
    month = now.month - (now.month - 1) % 3
    return now.replace(month=month, day=1, hour=0, minute=0, second=0, microsecond=0)
