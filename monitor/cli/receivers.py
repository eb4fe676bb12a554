"""receivers: who is told, whether they are reached, and what they never got."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from typing import Annotated, Any

import typer

from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.clock import wall_clock
from monitor.config import Settings, load_settings
from monitor.config_receivers import Receiver
from monitor.errors import ConfigError

_Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]…", help="Deliveries given up.")]
_All = Annotated[bool, typer.Option("--all", help="Every delivery that was given up.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Who is told of alerts.", no_args_is_help=True)
    for name, command in (
        ("list", list_receivers),
        ("test", try_receivers),
        ("resend", resend),
        ("drop", drop),
    ):
        group.command(name)(command)
    app.add_typer(group, name="receivers")


def list_receivers(config: ConfigOption = None, json_output: JsonOption = False) -> None:
    """Every receiver, what it is told of, and how many deliveries to it were given up."""
    from monitor.cli.opening import store_or_none_yet
    from monitor.store import dead_letters

    settings = load_settings(config)
    with store_or_none_yet(settings) as store, store.read() as tx:
        dead = Counter(receiver for _, receiver in dead_letters.dead(tx))
    rows = [_row(receiver, dead[receiver.name]) for receiver in settings.receivers]
    if json_output:
        say_json(rows)
        return
    for row in rows:
        told = [*row["topics"], *row["names"], *row["kinds"]]
        say(f"{row['kind']:8} {row['name']:24} {', '.join(told) or 'everything'}{_given_up(row)}")


def _row(receiver: Receiver, dead: int) -> dict[str, Any]:
    asked = {key: list(getattr(receiver, key)) for key in ("topics", "names", "kinds")}
    return {"name": receiver.name, "kind": receiver.kind, **asked, "dead": dead}


def _given_up(row: dict[str, Any]) -> str:
    return f"  {row['dead']} given up" if row["dead"] else ""


def try_receivers(
    names: Annotated[list[str] | None, typer.Argument(help="Which; without: all.")] = None,
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Send a message that says that it is a test; exit 1 where a receiver does not take it."""
    answers = [
        {"receiver": name, "ok": not error, "error": error or None}
        for name, error in _tried(load_settings(config), names or ())
    ]
    if json_output:
        say_json(answers)
    for one in () if json_output else answers:
        say(f"{one['receiver']}: {one['error'] or 'taken'}")
    if not all(one["ok"] for one in answers):
        raise typer.Exit(1)


def _tried(settings: Settings, names: Any) -> list[tuple[str, str]]:
    """Each receiver with what went wrong, "" where nothing did."""
    from alerts.errors import DeliveryError
    from alerts.trial import trial
    from monitor.receivers import open_senders

    found = []
    with ExitStack() as stack:
        senders = open_senders(settings.receivers, stack)
        for name in names or senders:
            if name not in senders:
                known = ", ".join(senders) or "none is configured"
                raise ConfigError(f"no receiver {name}; receivers: {known}")
            message, delivery = trial(name, wall_clock())
            try:
                senders[name].send(message, delivery, wall_clock())
                found.append((name, ""))
            except DeliveryError as error:
                found.append((name, str(error)))
    return found


def resend(ids: _Ids = None, every: _All = False, config: ConfigOption = None) -> None:
    """Try deliveries again that were given up, at the daemon's next turn."""
    _change(ids, every, config, again=True)


def drop(ids: _Ids = None, every: _All = False, config: ConfigOption = None) -> None:
    """Give deliveries up for good, so that they are no trouble any more."""
    _change(ids, every, config, again=False)


def _change(ids: list[str] | None, every: bool, config: ConfigOption, again: bool) -> None:
    from monitor.cli.opening import existing_store
    from monitor.store import dead_letters

    if bool(ids) == every:
        raise ConfigError("give ids of deliveries (`downdraft status` lists them), or --all")
    with existing_store(load_settings(config)) as store, store.write() as tx:
        known = [one for one, _ in dead_letters.dead(tx)]
        if unknown := [one for one in ids or () if one not in known]:
            raise ConfigError(f"{unknown[0]}: no delivery of this id was given up; nothing changed")
        chosen = known if every else ids or []
        if again:
            dead_letters.revive(tx, chosen, wall_clock())
        else:
            dead_letters.drop(tx, chosen)
    say(f"{len(chosen)} will be tried again" if again else f"{len(chosen)} dropped")
