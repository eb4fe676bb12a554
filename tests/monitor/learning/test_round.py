"""A round on both databases: a trial decided either way, and what is written of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from learning_desk import Desk, differing

from monitor.config import Settings
from monitor.errors import LearnError
from monitor.learning.bench import Bench
from monitor.learning.round import run, would
from monitor.learning.setting import Answer, Round
from monitor.live_policy import live
from monitor.store import learn_lease, learning, standings, trials, verdicts
from monitor.store.engine import Store
from monitor.store.learning import KnownCheckpoint
from monitor.store.trials import Opening
from policy.contrast.grammar import contrast_rows
from policy.data import Example
from policy.manifest import FALLBACK, SHIPPED, describe
from policy.types import Policy


@pytest.fixture
def this(store: Store, noon: datetime, tmp_path: Path) -> Round:
    settings = Settings.model_validate(
        {"policy": {"device": "cpu"}, "learn": {"folder": str(tmp_path / "policies")}}
    )
    bench = Bench(store, settings)
    return Round(store, settings, lambda: noon, bench, lambda *_: None, asked=True)


def as_it_says(rows: list[Example], policy: Policy) -> list[Example]:
    """The same headlines, with what a policy says as their truth."""
    said = policy.label([row.text for row in rows], [row.target for row in rows])
    return [
        Example(row.text, row.target, sentiment=each.sentiment)
        for row, each in zip(rows, said, strict=True)
    ]


def judged(this: Round, now: datetime, right: Path, desk: Desk) -> Answer:
    """The linear policy on trial against the shipped one, `right` being what analysts believe."""
    candidate, champion = describe(FALLBACK).id, describe(SHIPPED).id
    with this.store.write() as tx:
        known = KnownCheckpoint(candidate, str(FALLBACK), champion, "", {}, now)
        learning.add_checkpoint(tx, known)
        trials.begin(tx, Opening("promotion", candidate, champion, 1, 0, 0, now, {}))
    sides = [this.bench.of(id_).policy for id_ in (champion, candidate)]
    rows = differing(contrast_rows(9, 400), sides[0], sides[1])[:150]
    said = desk.blind(as_it_says(rows, this.bench.of(describe(right).id).policy), now, "v")
    with this.store.write() as tx:
        verdicts.add(tx, said, now)
    return run(this, "a test")


def test_what_analysts_find_better_goes_live(this: Round, noon: datetime) -> None:
    answer = judged(this, noon, FALLBACK, Desk())
    assert answer.state == "promoted", answer.reasons
    with this.store.read() as tx:
        assert live(tx, this.settings).checkpoint == describe(FALLBACK).id == answer.live
        newest = learning.newest_promotion(tx)
        assert newest
        assert (newest.by, newest.reason) == ("gate", answer.reasons[0])
        tried = trials.newest(tx, "promotion")
        assert tried
        assert len(trials.judged(tx, tried.number)) >= answer.metrics["gate"]["judged"] > 0
        assert {one.standing for one in standings.latest(tx)} == {"trusted"}
    again = run(replace(this, asked=False), "a test")
    assert (again.state, len(again.decisions)) == ("idle", 0), "decided once"


def test_what_analysts_find_worse_does_not(this: Round, noon: datetime) -> None:
    answer = judged(this, noon, SHIPPED, Desk())
    assert answer.state == "refused"
    assert answer.reasons[0].startswith("shown to be worse")
    assert answer.live == describe(SHIPPED).id


def test_nobody_promotes_alone(this: Round, noon: datetime) -> None:
    answer = judged(this, noon, FALLBACK, Desk(analysts=("eve",)))
    assert answer.state == "shadow"
    assert "nobody decides alone" in answer.reasons[-1]
    assert would(this).state == "shadow"


def test_propensities_that_cannot_be_true_are_among_the_reasons(
    this: Round, noon: datetime
) -> None:
    policy = this.bench.untaught().policy
    rows = as_it_says(contrast_rows(9, 40), policy)
    said = [replace(one, propensity=0.01) for one in Desk().verdicts(rows, policy, noon)]
    with this.store.write() as tx:
        verdicts.add(tx, said, noon)
    answer = run(replace(this, asked=False), "a test")
    told = f"sentiment: the mean importance weight of {len(said)} verdicts is "
    assert answer.reasons[-1].startswith(told)
    assert answer.reasons[-1].endswith("not those that the labels were shown with")


def test_a_folder_that_cannot_be_used_is_one_line_about_it(
    this: Round, noon: datetime, tmp_path: Path
) -> None:
    (tmp_path / "policies").write_text("a file stands in the way")
    rows = contrast_rows(9, 40)
    with this.store.write() as tx:
        verdicts.add(tx, Desk().verdicts(rows, this.bench.untaught().policy, noon), noon)
    with pytest.raises(LearnError, match=r"policies.*: Not a directory; make room there") as caught:
        run(this, "a test")
    assert "\n" not in str(caught.value)
    with this.store.read() as tx:
        assert learn_lease.read(tx).claimed_until <= noon, "the next round need not wait"
