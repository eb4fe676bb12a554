"""policy list, promote, rollback: what may go live, what did when, by whom and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from alerts.wording import rfc3339
from monitor.cli.deciding import ReasonOption, lease, person, reason_of, refuse_unless_whole
from monitor.cli.opening import existing_store, store_or_none_yet
from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.cli.state_learning import promotion_document, trial_document
from monitor.clock import wall_clock
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError
from monitor.learning import approving, by_hand
from monitor.learning.by_hand import Asked
from monitor.live_policy import home, live, place_of
from monitor.logs import configure_logs
from monitor.store import learning, trials
from monitor.store.engine import Store, Transaction
from monitor.store.learning import KnownCheckpoint, Promotion
from policy.errors import CheckpointError
from policy.manifest import SHIPPED, describe, verify

_TRIALS = 1_000
_OverrideOption = Annotated[
    str,
    typer.Option(
        "--override",
        metavar="REASON",
        help="Why people who must approve (learn.approvals) are not waited for; kept and shown.",
    ),
]


def register(group: typer.Typer) -> None:
    group.command("list")(list_all)
    group.command("promote")(promote)
    group.command("rollback")(rollback)


def list_all(config: ConfigOption = None, json_output: JsonOption = False) -> None:
    """The checkpoints there are, how each was judged, and what went live when, by whom and why."""
    settings = load_settings(config)
    with store_or_none_yet(settings) as store, store.read() as tx:
        rows = checkpoint_rows(tx, settings)
    if json_output:
        say_json(rows)
        return
    for row in rows:
        for line in _lines(row):
            say(line)


def checkpoint_rows(tx: Transaction, settings: Settings) -> list[dict[str, Any]]:
    """Configured and shipped first, then those in the store, newest first."""
    serves, changes = live(tx, settings).checkpoint, learning.promotions(tx)
    judged = trials.latest(tx, _TRIALS)
    said = approving.given(tx, judged)
    own = {describe(path).id: path for path in dict.fromkeys((home(settings), SHIPPED))}
    learned = {one.id: one for one in learning.checkpoints(tx)}
    return [
        {
            "id": id_,
            "path": str(own.get(id_) or learned[id_].path),
            "live": id_ == serves,
            **_origin(learned.get(id_)),
            "trials": [trial_document(one, said[one.number]) for one in judged if _of(id_, one)],
            "promotions": [promotion_document(one) for one in changes if one.checkpoint == id_],
        }
        for id_ in dict.fromkeys((*own, *learned))
    ]


def _of(id_: str, one: trials.Trial) -> bool:
    """Whether the trial judges this checkpoint: as a candidate, or on probation."""
    return id_ == (one.challenger if one.kind == "promotion" else one.champion)


def _origin(known: KnownCheckpoint | None) -> dict[str, Any]:
    if known is None:
        return {"parent": "", "learner": "", "created_at": None}
    made = rfc3339(known.created_at)
    return {"parent": known.parent, "learner": known.learner, "created_at": made}


def _lines(row: Mapping[str, Any]) -> Iterator[str]:
    yield f"{row['id']}  {'live' if row['live'] else '    '}  {row['path']}"
    if row["learner"]:
        yield f"  taught by {row['learner']} from {row['parent']}, {row['created_at']}"
    for one in reversed(row["trials"]):
        yield _trial(one)
    for one in reversed(row["promotions"]):
        how = "went live" if one["kind"] == "promote" else "live again"
        yield f"  {how} {one['at']} in place of {one['before']}, by {one['by']}: {one['reason']}"


def _trial(one: Mapping[str, Any]) -> str:
    what, other = (
        ("candidate", one["champion"])
        if one["kind"] == "promotion"
        else ("probation", one["challenger"])
    )
    state = one["state"].replace("_", " ")
    return f"  {what} against {other}, {state}: {'; '.join(one['reasons']) or 'no verdict yet'}"


def promote(
    policy: Annotated[str, typer.Argument(help="Id of a checkpoint, or its directory.")],
    reason: ReasonOption = "",
    override: _OverrideOption = "",
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Make a checkpoint live, over the gate's head; it is on probation for a week. Where
    learn.approvals asks for people it needs them too, and whoever types this is one of them."""
    from monitor.learning import cards

    settings = load_settings(config)
    configure_logs(settings.log)
    asked = Asked(person(), reason_of(reason), " ".join(override.split()))
    with existing_store(settings) as store:
        chosen = _chosen(store, settings, policy)
        with lease(store):
            done = _promoted(store, settings, chosen, asked)
            cards.bring_up_to_date(store, settings)
    _tell(done, json_output, "on probation for 7 days; back with `downdraft policy rollback`")


def rollback(
    reason: ReasonOption = "", config: ConfigOption = None, json_output: JsonOption = False
) -> None:
    """Make live again what was live before; that is one person's, whatever learn.approvals asks."""
    from monitor.learning import cards, promoting

    settings = load_settings(config)
    why = reason_of(reason)
    with existing_store(settings) as store, lease(store):
        with store.write() as tx:
            serves = live(tx, settings).checkpoint
            before = promoting.predecessor(tx, serves)
            if before:
                refuse_unless_whole(tx, settings, before)
            done = promoting.roll_back(tx, serves, why, person(), wall_clock())
        cards.bring_up_to_date(store, settings)
    _tell(done, json_output, "it labels from the next minute on")


@dataclass(frozen=True, slots=True)
class _Chosen:
    id: str
    path: Path


def _chosen(store: Store, settings: Settings, given: str) -> _Chosen:
    """A directory that was named, or where the checkpoint of an id lies; whole, or refused."""
    with store.read() as tx:
        known = {row["id"] for row in checkpoint_rows(tx, settings)}
        if not Path(given).is_dir() and given not in known:
            raise ConfigError(
                f"{given}: no such checkpoint; `downdraft policy list` shows those there are"
            )
        path = Path(given) if Path(given).is_dir() else place_of(tx, settings, given)
    description = verify(path)
    if given in known and description.id != given:
        raise CheckpointError(f"{path}: holds {description.id}, not {given}")
    return _Chosen(description.id, path.resolve())


def _promoted(store: Store, settings: Settings, chosen: _Chosen, asked: Asked) -> Promotion:
    now = wall_clock()
    with store.write() as tx:
        before = live(tx, settings).checkpoint
        if chosen.id == before:
            raise ConfigError(f"{chosen.id}: is live already")
        made = describe(chosen.path)
        row = KnownCheckpoint(made.id, str(chosen.path), made.parent or "", "", made.metrics, now)
        learning.add_checkpoint(tx, row)
        return by_hand.promote(tx, settings.learn, chosen.id, before, asked, now)


def _tell(done: Promotion, json_output: bool, then: str) -> None:
    if json_output:
        say_json(promotion_document(done))
        return
    say(f"{done.checkpoint} is live, {done.before} was; by {done.by}: {done.reason}")
    say(then)
