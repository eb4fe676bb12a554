"""Who may judge a candidate: the analysts' standings, reckoned anew when there are new verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from monitor.learning.setting import Round
from monitor.store import standings, trials, verdicts
from monitor.store.standings import ADVERSARY, TRUSTED, KeptStanding
from monitor.store.verdicts import Numbered

log = structlog.get_logger()

_NEWEST = 20_000  # verdicts that standings are reckoned from

Standings = Mapping[str, KeptStanding]


@dataclass(frozen=True, slots=True)
class Judges:
    """Standings as they were before this round's verdicts, and with them."""

    before: Standings
    now: Standings
    doubts: Sequence[str] = ()  # of the log's propensities; looked at where there are new verdicts

    def may(self, analyst: str) -> bool:
        """By the standing that was known before the verdict; nobody is known to lie at their first.

        So that no answer decides itself whether it counts; but an adversary's stop counting, all
        of them, as soon as they are known for it.
        """
        held = self.before.get(analyst)
        return (held is None or held.standing == TRUSTED) and not self.lies(analyst)

    def lies(self, analyst: str) -> bool:
        return analyst in self.liars

    @property
    def liars(self) -> list[str]:
        return sorted(name for name, held in self.now.items() if held.standing == ADVERSARY)


def judges(this: Round) -> Judges:
    with this.store.read() as tx:
        before = standings.latest(tx)
        newest = trials.waiting(tx, 0).newest
        seen = max((int(one.figures.get("through", 0)) for one in before), default=0)
        new = verdicts.logged(tx, max(0, newest - _NEWEST)) if newest > seen else []
    if not new:
        return Judges(_by_name(before), _by_name(before))
    now, doubts = _reckoned(this, new)
    return Judges(_by_name(before), _by_name(now), doubts)


def _by_name(some: list[KeptStanding]) -> Standings:
    return {one.analyst: one for one in some}


def _reckoned(this: Round, new: list[Numbered]) -> tuple[list[KeptStanding], list[str]]:
    """The standings, kept, and what is doubtful about the propensities, logged."""
    from policy.propensities import doubts  # torch: not for who only looks
    from policy.standings import standings as reckon

    this.show("holding analysts against each other", 0, len(new))
    said = [each.verdict for each in new]
    known = this.bench.untaught().about((each.text, each.target) for each in said)
    told = [known[each.text, each.target] for each in said]
    found, doubtful = reckon(said, told), doubts(said, told)
    for line in doubtful:
        log.warning("learn.propensities_doubted", reason=line)
    now, through = this.clock(), new[-1].number
    rows = [
        KeptStanding(
            one.analyst,
            one.standing,
            one.trust,
            one.verdicts,
            {**one.figures, "through": through},
            now,
        )
        for one in found
    ]
    with this.store.write() as tx:
        standings.keep(tx, rows)
    this.show("holding analysts against each other", len(new), len(new))
    return rows, doubtful
