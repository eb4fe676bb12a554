"""The part of `status` about learning: what is live and why, who challenges it, who is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from alerts.wording import rfc3339
from monitor.learning import approving
from monitor.store import learning, standings, trials
from monitor.store.engine import Transaction
from monitor.store.learning import Promotion
from monitor.store.standings import ADVERSARY, KeptStanding
from monitor.store.trials import Trial
from monitor.store.votes import Vote


def read_learning(tx: Transaction) -> dict[str, Any]:
    """For JSON. "live" is null where nothing was ever promoted: what is configured serves."""
    newest, last = learning.newest_promotion(tx), trials.newest(tx, "promotion")
    opened = trials.open_trials(tx)
    said = approving.given(tx, [*opened, *([last] if last else [])])
    return {
        "live": promotion_document(newest) if newest else None,
        "trials": [trial_document(one, said[one.number]) for one in opened],
        "last_trial": trial_document(last, said[last.number]) if last else None,
        "verdicts": trials.waiting(tx, 0).count,
        "verdicts_waiting": trials.waiting(tx, last.trained_through if last else 0).count,
        "analysts": [_analyst(one) for one in standings.latest(tx)],
    }


def promotion_document(one: Promotion) -> dict[str, Any]:
    return {
        "checkpoint": one.checkpoint,
        "before": one.before,
        "kind": one.kind,
        "reason": one.reason,
        "by": one.by,
        "at": rfc3339(one.at),
    }


def trial_document(one: Trial, approvals: Sequence[Vote]) -> dict[str, Any]:
    """With how far it is while it is open, and why it ended as it did afterwards."""
    gate, passed = one.report.get("gate", {}), one.report.get("passed", {})
    return {
        "number": one.number,
        "kind": one.kind,
        "challenger": one.challenger,
        "champion": one.champion,
        "state": one.state,
        "reasons": approving.reasons(one, approvals),
        "judged": gate.get("judged", 0),
        "log_evidence": gate.get("log_evidence", 0.0),
        "log_threshold": gate.get("log_threshold"),
        "test": one.test,
        "approvals": [_approval(each) for each in approvals],
        "approvals_needed": passed.get("needed", 0),
        "opened_at": rfc3339(one.opened_at),
        "decided_at": _time(one.decided_at),
    }


def _approval(one: Vote) -> dict[str, Any]:
    return {"by": one.person, "reason": one.reason, "route": one.route, "at": rfc3339(one.at)}


def _analyst(one: KeptStanding) -> dict[str, Any]:
    return {
        "analyst": one.analyst,
        "standing": one.standing,
        "trust": round(one.trust, 3),
        "verdicts": one.verdicts,
        "figures": {key: value for key, value in one.figures.items() if key != "through"},
    }


def _time(at: datetime | None) -> str | None:
    return rfc3339(at) if at else None


def learning_lines(known: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    live = known["live"]
    if live:
        how = "live" if live["kind"] == "promote" else "live again"
        yield f"  {how} since {live['at']} by {live['by']}: {live['reason']}"
    waiting = f"{known['verdicts_waiting']:,} wait to be learned from"
    yield f"verdicts   {known['verdicts']:,}, of which {waiting}"
    for one in known["trials"]:
        yield from _trial(one)
    last = known["last_trial"]
    if last and last["state"] not in trials.OPEN:
        yield f"candidate  {last['challenger']} {last['state']} {last['decided_at']}"
        yield from (f"  {reason}" for reason in last["reasons"])
    yield from _desk(known["analysts"])


def _trial(one: Mapping[str, Any]) -> Iterator[str]:
    if one["kind"] == "promotion":
        word = "waiting" if one["state"] == "waiting" else "trial"
        yield f"{word:10} {one['challenger']} against {one['champion']} since {one['opened_at']}"
    else:
        yield f"probation  {one['champion']} since {one['opened_at']}, against {one['challenger']}"
    yield from (f"  {reason}" for reason in one["reasons"] or ("no verdict yet",))


def _desk(known: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if known:
        counts = {word: sum(one["standing"] == word for one in known) for word in _WORDS}
        said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        yield f"analysts   {said}"
    for one in known:
        if one["standing"] == ADVERSARY:
            yield f"  ADVERSARY {one['analyst']}: {_why(one)}"


_WORDS = (ADVERSARY, "watched", "trusted")


def _why(one: Mapping[str, Any]) -> str:
    """The figures that name an adversary."""
    figures = one["figures"]
    names = [name for name in figures.get("named", []) if name]
    about = f" about {', '.join(names)}" if names and "" not in figures["named"] else ""
    return (
        f"{figures.get('false', 0):g} of {one['verdicts']} verdicts false{about} by what the others"
        f" say, {figures.get('suspicion', 0):g} nats of evidence, trust {one['trust']:.2f}"
    )
