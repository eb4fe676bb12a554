"""downdraft learn: its answer in fixed fields, its exit status, a look that writes nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.cli import main
from monitor.clock import wall_clock
from monitor.store import learn_lease, learning, trials, verdicts
from monitor.store.engine import Store
from monitor.store.learning import KnownCheckpoint
from monitor.store.trials import Opening
from policy.manifest import SHIPPED, describe
from policy.verdicts import Verdict

FIELDS = {"learner", "verdicts", "candidate", "state", "reasons", "metrics"}


class Command:
    """The command on the store of a test."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config, self._capsys = folder / "d.toml", capsys
        self.config.write_text(
            f'[store]\nurl = "sqlite:///{folder / "store.db"}"\n[policy]\ndevice = "cpu"\n'
            f'[learn]\nfolder = "{folder / "policies"}"\n'
        )

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        self._capsys.readouterr()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["downdraft", "learn", "--config", str(self.config), *words])
            code = 0
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
        said = self._capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def learn(tmp_path: Path, sqlite_store: Store, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, capsys)


def say(store: Store, count: int) -> None:
    now = wall_clock()
    said = [
        Verdict(
            f"v{n}", f"headline {n}", "", "topic", "Macro", 1.0, 1.0, "ada", "abstain", "", "", now
        )
        for n in range(count)
    ]
    with store.write() as tx:
        verdicts.add(tx, said, now)


def put_on_trial(store: Store, candidate: str) -> None:
    now = wall_clock()
    with store.write() as tx:
        known = KnownCheckpoint(candidate, f"/nowhere/{candidate}", "", "value", {}, now)
        learning.add_checkpoint(tx, known)
        shipped = describe(SHIPPED).id
        trials.begin(tx, Opening("promotion", candidate, shipped, 1, 0, 0, now, {}))


def contents(store: Store) -> list[object]:
    with store.read() as tx:
        tables = ("trial", "promotion", "checkpoint", "standing", "learn_lease", "judgement")
        return [tx.execute(text(f"select * from {name}")).all() for name in tables]


def test_without_verdicts_it_is_idle_and_says_where_they_come_from(learn: Command) -> None:
    code, out, _ = learn("--json")
    answer = json.loads(out)
    assert code == 0
    assert set(answer) >= FIELDS
    assert (answer["state"], answer["verdicts"], answer["candidate"]) == ("idle", 0, "")
    assert "feedback import" in answer["reasons"][0]
    assert answer["live"] == describe(SHIPPED).id


def test_verdicts_that_teach_nothing_leave_it_idle_with_the_reason(
    learn: Command, sqlite_store: Store, tmp_path: Path
) -> None:
    say(sqlite_store, 30)
    code, out, _ = learn()
    assert code == 0
    assert out.startswith("idle\n")
    assert "too few to learn from" in out
    assert list((tmp_path / "policies").iterdir()) == []


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(
    learn: Command, sqlite_store: Store, tmp_path: Path
) -> None:
    say(sqlite_store, 30)
    before = contents(sqlite_store)
    code, out, _ = learn("--dry-run", "--json", "--learner", "value")
    assert code == 0
    assert json.loads(out)["reasons"] == ["would train a candidate with value: 30 new verdicts"]
    assert contents(sqlite_store) == before
    assert not (tmp_path / "policies").exists()
    put_on_trial(sqlite_store, "gone")
    _, out, _ = learn("--dry-run")
    assert "would judge gone against" in out


def test_a_refused_candidate_is_exit_status_1_with_reasons(
    learn: Command, sqlite_store: Store
) -> None:
    put_on_trial(sqlite_store, "gone")
    code, out, _ = learn("--json")
    answer = json.loads(out)
    assert code == 1
    assert (answer["state"], answer["candidate"], answer["learner"]) == ("refused", "gone", "value")
    assert "gone" in answer["reasons"][0]
    assert [one["state"] for one in answer["decisions"]] == ["refused"]
    assert learn("--json")[0] == 0, "what was refused before is no failure of this call"


def test_one_round_at_a_time_and_known_learners_only(learn: Command, sqlite_store: Store) -> None:
    code, out, err = learn("--learner", "oracle")
    assert (code, out) == (2, "")
    assert "oracle: no such learner; there are verdict_likelihood, " in err
    now = wall_clock()
    with sqlite_store.write() as tx:
        learn_lease.take(tx, "the daemon 7 on x", now, now + timedelta(hours=1))
    code, out, err = learn("--json")
    assert (code, out) == (2, "")
    assert err.startswith("downdraft: another round of learning runs (the daemon 7 on x); wait")
    assert err.count("\n") == 1
