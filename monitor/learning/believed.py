"""Who may judge a candidate: the analysts' standings, reckoned anew when there are new verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.learning.setting import Round
from monitor.store import standings, trials, verdicts
from monitor.store.standings import ADVERSARY, TRUSTED, KeptStanding
from monitor.store.verdicts import Numbered

_NEWEST = 20_000  # verdicts that standings are reckoned from

Standings = Mapping[str, KeptStanding]


@dataclass(frozen=True, slots=True)
class Judges:
    """Standings as they were before this round's verdicts, and with them."""

    before: Standings
    now: Standings

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
        log = verdicts.logged(tx, max(0, newest - _NEWEST)) if newest > seen else []
    now = _kept(this, log) if log else before
    return Judges(_by_name(before), _by_name(now))


def _by_name(some: list[KeptStanding]) -> Standings:
    return {one.analyst: one for one in some}


def _kept(this: Round, log: list[Numbered]) -> list[KeptStanding]:
    from policy.standings import standings as reckon  # torch: not for who only looks

    this.show("holding analysts against each other", 0, len(log))
    said = [each.verdict for each in log]
    known = this.bench.untaught().about((each.text, each.target) for each in said)
    found = reckon(said, [known[each.text, each.target] for each in said])
    now, through = this.clock(), log[-1].number
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
    this.show("holding analysts against each other", len(log), len(log))
    return rows
