"""policy approve, refuse: what people have to say about a candidate on trial."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.deciding import ReasonOption, holder, lease, person, reason_of, refuse_unless_whole
from monitor.cli.opening import existing_store
from monitor.cli.options import ConfigOption, JsonOption, say, say_json
from monitor.cli.progress import bars
from monitor.cli.state_learning import trial_document
from monitor.clock import wall_clock
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError, LearnError
from monitor.learning import approving
from monitor.live_policy import live
from monitor.logs import configure_logs
from monitor.store import learning, trials
from monitor.store.engine import Store, Transaction
from monitor.store.trials import Trial

_Candidate = Annotated[str, typer.Argument(help="Id of the candidate.")]


def register(group: typer.Typer) -> None:
    group.command("approve")(approve)
    group.command("refuse")(refuse)


def approve(
    policy: _Candidate,
    reason: ReasonOption = "",
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """Approve a candidate that has passed its gate; with the last approval that is needed it goes
    live, if what analysts have said since still allows it. Exit 1 where it does not."""
    settings, why = _settings(config), reason_of(reason)
    with existing_store(settings) as store:
        with store.write() as tx:
            trial = _tried(tx, settings, policy)
            refuse_unless_whole(tx, settings, policy)
            said = approving.approve(tx, trial, person(), why, "shell", wall_clock())
        if len(said.approvals) >= said.needed:
            _move_on(store, settings, trial)
        else:
            _write_cards(store, settings)
        _tell(store, settings, trial.number, json_output)


def refuse(
    policy: _Candidate,
    reason: ReasonOption = "",
    config: ConfigOption = None,
    json_output: JsonOption = False,
) -> None:
    """End the trial of a candidate, whatever its evidence: it does not go live."""
    settings, why = _settings(config), reason_of(reason)
    with existing_store(settings) as store:
        with store.write() as tx:
            trial = _tried(tx, settings, policy)
            approving.refuse(tx, trial, person(), why, wall_clock())
        _write_cards(store, settings)
        with store.read() as tx:
            ended = trials.get(tx, trial.number) or trial
            approvals = approving.given(tx, [ended])[ended.number]
    if json_output:
        say_json(trial_document(ended, approvals))
        return
    say(f"{policy} {'; '.join(ended.reasons)}")


def _settings(config: Path | None) -> Settings:
    settings = load_settings(config)
    configure_logs(settings.log)
    return settings


def _tried(tx: Transaction, settings: Settings, id_: str) -> Trial:
    """The candidate's newest trial. Raises ConfigError where it never stood one."""
    trial = approving.on_trial(tx, id_)
    if trial is not None:
        return trial
    if id_ == live(tx, settings).checkpoint:
        raise ConfigError(f"{id_}: is live; take it back with `downdraft policy rollback`")
    known = learning.find_checkpoint(tx, id_) is not None
    what = "was never on trial" if known else "no such candidate"
    raise ConfigError(f"{id_}: {what}; `downdraft policy list` shows those there are")


def _move_on(store: Store, settings: Settings, trial: Trial) -> None:
    from monitor.learning import round as rounds
    from monitor.learning.bench import Bench
    from monitor.learning.setting import Round

    with bars() as show:
        this = Round(store, settings, wall_clock, Bench(store, settings), show)
        try:
            rounds.move_on(this, trial.number, holder())
        except LearnError as error:  # the approval stands, and the next round finds it
            say(f"not live yet: {error}")


def _write_cards(store: Store, settings: Settings) -> None:
    """Now; or a round that runs does it as it ends."""
    from monitor.learning import cards

    try:
        with lease(store):
            cards.bring_up_to_date(store, settings)
    except LearnError:
        return


def _tell(store: Store, settings: Settings, number: int, json_output: bool) -> None:
    with store.read() as tx:
        trial = trials.get(tx, number)
        assert trial is not None
        serves = live(tx, settings).checkpoint
        document = trial_document(trial, approving.given(tx, [trial])[number])
    if json_output:
        say_json(document | {"live": serves})
    else:
        say(f"{trial.challenger} {document['state']}: {'; '.join(document['reasons'])}")
        say(f"live: {serves}")
    if trial.state not in ("waiting", "promoted"):
        raise typer.Exit(1)
