"""Going live by hand: over the gate's head, but not over those of the people who must approve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from alerts.wording import counted
from monitor.config_learn import LearnSection
from monitor.errors import ConfigError, LearnError
from monitor.learning import approving, promoting
from monitor.store.engine import Transaction
from monitor.store.learning import Promotion

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person says who makes a checkpoint live by hand."""

    person: str
    reason: str
    override: str = ""  # why the others who must approve are not waited for


@dataclass(frozen=True, slots=True)
class Behind:
    """Who stands behind a checkpoint, and how many must."""

    people: Sequence[str]
    needed: int

    @property
    def enough(self) -> bool:
        return len(self.people) >= self.needed


def promote(
    tx: Transaction, section: LearnSection, candidate: str, before: str, asked: Asked,
    now: datetime,
) -> Promotion:  # fmt: skip
    """Raises LearnError where people are lacking and nothing overrides them, ConfigError where an
    override has nothing to override."""
    found = behind(tx, section, candidate, asked.person)
    if not (found.enough or asked.override):
        raise LearnError(_lacking(candidate, found))
    if found.enough and asked.override:
        raise ConfigError("--override: nobody else has to approve this; leave it out")
    reason, by = asked.reason, _by(asked.person, found.people)
    if asked.override:
        have = f"{len(found.people)} of {counted(found.needed, 'approval')}"
        reason = f"{reason}; with {have}, overridden: {asked.override}"
        log.warning(
            "learn.overridden", candidate=candidate, by=asked.person, people=list(found.people),
            needed=found.needed, reason=asked.override,
        )  # fmt: skip
    return promoting.promote(tx, candidate, before, reason, by, now)


def behind(tx: Transaction, section: LearnSection, checkpoint: str, person: str) -> Behind:
    """Whoever promotes is one; the others are those whose approvals stand. What does not wait for
    any has shown nobody what it changes, and counts as a large shift."""
    trial = approving.on_trial(tx, checkpoint)
    own = approving.honest(tx, [person])
    if trial is None or trial.state != "waiting":
        return Behind(own, approving.needed(section.approvals, {}))
    said = [one.person for one in approving.standing(tx, trial)]
    others = [one for one in said if one.casefold() != person.casefold()]
    return Behind([*own, *others], trial.report["passed"]["needed"])


def _by(person: str, people: Sequence[str]) -> str:
    others = ", ".join(one for one in people if one != person)
    return f"{person}, approved by {others}" if others else person


def _lacking(candidate: str, found: Behind) -> str:
    who = f" ({', '.join(found.people)})" if found.people else ""
    return (
        f"{candidate}: needs {counted(found.needed, 'person', 'people')} by learn.approvals, has"
        f" {len(found.people)}{who}: others approve it once it has passed its gate (`downdraft"
        " policy approve`), or --override says why it cannot wait for them"
    )
