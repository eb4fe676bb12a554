"""What the gate writes into a candidate's card: how it was judged, by what figures, and when.

From the rows of its trials, whole and anew, whenever they say something else than the card does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from alerts.wording import rfc3339
from monitor.config import Settings
from monitor.store import learning, trials, votes
from monitor.store.engine import Store, Transaction
from monitor.store.learning import Promotion
from monitor.store.trials import Trial
from monitor.store.votes import Vote
from policy.errors import CheckpointError
from policy.gate.promotion import MOST, share
from policy.manifest import CARD, describe, rewrite_card

log = structlog.get_logger()

_JUDGED = "\n## Judged\n"
_TRIALS = 200
_ERROR = 0.05  # of all the tests of a quarter together
_HOW = f"""\
By analysts' verdicts given after it was frozen, on headlines from which neither policy has learned
and which the two label differently. It goes live once the evidence that it is the better one comes
to ln(1/α), half of it without any one analyst, within {MOST} verdicts. The k-th test of a quarter
has α = {_ERROR:g}·6/(π²k²): one that is no better than what is live gets there with a chance of
at most {_ERROR:.0%} over all tests of the quarter, however often anybody looks. What went live is
watched for a week by the same test turned round.

This does not see: two analysts who answer falsely alike and are not found out; labels and companies
about which nobody answered; news unlike that of the trial. A person may promote over the gate's
head, or refuse a candidate whatever it shows; where `learn.approvals` asks for it people must
approve one that has passed. Then it says so here, with names and reasons.
"""


def bring_up_to_date(store: Store, settings: Settings) -> None:
    """Every candidate's card that lies under learn.folder."""
    with store.read() as tx:
        wanted = {
            Path(one.path): judged(tx, one.id) for one in learning.checkpoints(tx) if one.learner
        }
    for path, section in wanted.items():
        if path.parent == settings.learn.folder.resolve() and _is_ours(path):
            _write(path, section)


def _is_ours(path: Path) -> bool:
    """What root types beside the daemon must not take a checkpoint away from the daemon's user."""
    return path.is_dir() and path.stat().st_uid == os.geteuid()


def _write(path: Path, section: str) -> None:
    try:
        describe(path)
        before = (path / CARD).read_text(encoding="utf-8")
        after = before.split(_JUDGED)[0].rstrip() + "\n" + section
        if after != before:
            rewrite_card(path, after)
    except (CheckpointError, OSError) as error:  # a disk that is full must not undo a decision
        log.warning("learn.card_not_written", path=str(path), reason=str(error))


def judged(tx: Transaction, id_: str) -> str:
    """The card's last section."""
    own = [one for one in trials.latest(tx, _TRIALS) if _is_of(one, id_)]
    said = votes.of_each(tx, [one.number for one in own])
    live = [one for one in reversed(learning.promotions(tx)) if id_ in (one.checkpoint, one.before)]
    tried = (line for one in reversed(own) for line in _trial(one, said[one.number]))
    lines = [*tried, *_live(live, id_)]
    return "\n".join([_JUDGED, _HOW, *lines]) + "\n"


def _is_of(one: Trial, id_: str) -> bool:
    return id_ == (one.challenger if one.kind == "promotion" else one.champion)


def _trial(one: Trial, said: Sequence[Vote]) -> Iterator[str]:
    until = f", ended {rfc3339(one.decided_at)}" if one.decided_at else ""
    if one.kind == "promotion":
        test = _test(one.test) if one.test else "no test was begun"
        yield (
            f"### Candidate against `{one.champion}`: {one.state}\n\n"
            f"Frozen {rfc3339(one.opened_at)}{until}; {test}. Learned from none later than verdict"
            f" {one.trained_through:,}, judged by none earlier than {one.trained_through + 1:,}."
        )
    else:
        yield (
            f"### On probation against `{one.challenger}`: {one.state.replace('_', ' ')}\n\n"
            f"Begun {rfc3339(one.opened_at)}{until}."
        )
    yield ""
    yield from (f"- {each}" for each in one.report.get("taught", ()))
    yield from (f"- {reason}" for reason in one.reasons or one.report.get("far", ()))
    yield from (
        f"- Approved {rfc3339(each.at)} by {each.person}: {each.reason}"
        for each in said
        if each.answer == "approve"
    )
    yield from _figures(one.report)
    yield ""


def _test(k: int) -> str:
    return f"test k = {k} of its quarter, α = {share(_ERROR, k):.4f}"


def _figures(report: Mapping[str, Any]) -> Iterator[str]:
    gate, vetoes, effect = (report.get(name) or {} for name in ("gate", "vetoes", "effect"))
    if gate:
        yield (
            f"- Verdicts: {gate['judged']} (challenger right {gate['wins']}, champion"
            f" {gate['losses']}, neither {gate['neither']}); evidence {gate['log_evidence']} nats"
            f" of {gate['log_threshold']} needed"
        )
    for head, here in (vetoes.get("anchors") or {}).items():
        yield f"- Anchors, {head}: {_flat(here)}"
    if vetoes.get("kl"):
        yield f"- Divergence on unjudged headlines, nats: {_flat(vetoes['kl'])}"
    if vetoes.get("suite"):
        suite = vetoes["suite"]
        yield f"- Metamorphic suite, mean rate: {suite['before']} before, {suite['after']} after"
    if effect:
        alerts = effect.get("alerts")
        moved = f"; alerts {alerts['before']} → {alerts['after']}" if alerts else ""
        gone = f", {len(alerts['gone'])} gone, {len(alerts['new'])} new" if alerts else ""
        yield f"- The last {effect['days']} days again: {effect['stories']} stories{moved}{gone}"


def _flat(figures: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value}"
        for name, value in figures.items()
        if not isinstance(value, Mapping)
    )


def _live(rows: Sequence[Promotion], id_: str) -> Iterator[str]:
    if rows:
        yield "### Live\n"
    for one in rows:
        what = "went live" if one.checkpoint == id_ else f"gave way to `{one.checkpoint}`"
        yield f"- {rfc3339(one.at)}: {what}, by {one.by}: {one.reason}"
