"""The protocol as a whole: matched thresholds, the daemon's own detector, the same by seed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest

from alerts.bench import methods, protocol, regimes, report
from alerts.bench.alarms import false_alarms
from alerts.bench.matched import loosest
from alerts.bench.methods import ours
from alerts.bench.protocol import Size, judge
from alerts.bench.streams import Plan, block
from alerts.bench.windows import Counts
from alerts.detector import DetectorConfig
from alerts.ledger import LabelledStory
from alerts.types import Copy, Stream
from alerts.watch import judge_bin, watch
from monitor.cli import main

EPOCH = datetime.fromisoformat("1970-01-05T00:00:00Z")  # a Monday, as the first hour of a block
TINY = Size(100)


def test_a_calibrated_threshold_holds_its_rate_on_fresh_streams() -> None:
    for name in ("z_24h", "binomial_cusum"):
        rate = judge("volume-1.5", name, Size(2000)).rate
        assert rate.low < 1 / 26 < rate.high
        assert rate.stream_weeks >= 2000


def test_the_search_stops_at_the_loosest_rung_before_one_that_does_not_hold() -> None:
    ladder = np.arange(10.0)
    assert loosest(ladder, lambda h: h >= 3.5) == 4
    assert loosest(ladder, lambda h: h > 100) == 9


def test_a_nuisance_is_met_with_the_threshold_of_its_quiet_twin() -> None:
    found = {name: judge(name, "z_24h", TINY).threshold for name in ("burst", "volume-6")}
    assert found["burst"] == found["volume-6"]


def test_a_burst_of_volume_makes_counts_alarm_rather_than_shares() -> None:
    counts, share = (judge("burst", name, TINY).rate.measured for name in ("nb_cusum", "z_6h"))
    assert counts > 0.5 > 3 * share


def test_a_promotion_alarms_no_more_than_quiet_weeks_once_shares_are_carried_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (lived,) = protocol.quiet(regimes.named("promotion"), "measure", Size(300), 0)
    config, level = DetectorConfig(), ours.promised_threshold(1 / 26)
    carried = false_alarms(ours.watch(lived, level, config), lived)
    monkeypatch.setattr(ours, "rebased", lambda state, *_: state)
    ignored = false_alarms(ours.watch(lived, level, config), lived)
    assert carried <= lived.stream_weeks / 26
    assert ignored > 2 * max(1, carried)


def test_the_promise_is_the_threshold() -> None:
    finding = judge("volume-6", "e_detector", TINY)
    assert finding.threshold == pytest.approx(np.log(26 * 168))
    assert not finding.calibrated


def test_no_method_is_quicker_than_the_oracle_by_more_than_chance() -> None:
    oracle = judge("volume-6", "oracle_cusum", TINY).delay
    for name in ("e_detector", "z_24h", "ears_c2", "nb_cusum"):
        assert judge("volume-6", name, TINY).delay.median >= oracle.median_low


def test_the_same_seed_gives_the_same_findings_and_another_seed_others() -> None:
    def run(seed: int, *names: str) -> list[protocol.Finding]:
        block.cache_clear()
        protocol.calibrated.cache_clear()
        return [judge("burst", name, TINY, seed) for name in names]

    assert run(1, "e_detector", "z_6h") == run(1, "e_detector", "z_6h")
    assert run(1, "z_6h") != run(2, "z_6h")


def test_streams_are_dealt_to_blocks_without_losing_one() -> None:
    assert [sum(protocol.dealt(k)) for k in (1, 400, 401, 3847)] == [1, 400, 401, 3847]
    blocks = list(protocol.quiet(regimes.named("volume-0.2"), "measure", Size(4000), 0))
    assert len(blocks) == 2
    assert sum(each.stream_weeks for each in blocks) == pytest.approx(4000, rel=0.01)


def test_slow_methods_see_the_first_of_the_same_streams() -> None:
    regime = regimes.named("volume-1.5")
    (all_of_them,) = protocol.quiet(regime, "measure", Size(2000), 0)
    (some,) = protocol.quiet(regime, "measure", Size(2000), 0, slow=True)
    width = some.n.shape[1]
    assert width < all_of_them.n.shape[1]
    assert np.array_equal(some.y, all_of_them.y[:, :width])


class Counted:
    """A ledger of as many negative stories as were counted, each from two origins."""

    def __init__(self, streams: Sequence[Stream], y: Counts) -> None:
        self._streams, self._y = list(streams), y

    def stories(self, stream: Stream, since: datetime, until: datetime) -> list[LabelledStory]:
        k = self._streams.index(stream)
        first, last = ((at - EPOCH) // timedelta(hours=1) for at in (since, until))
        return [
            story(stream, 10_000 * hour + 100 * k + i, hour)
            for hour in range(max(0, first), last)
            for i in range(self._y[hour, k])
        ]

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        return {"tidewater": 10, "granary": 10}


def story(stream: Stream, number: int, hour: int) -> LabelledStory:
    at = EPOCH + timedelta(hours=hour)
    copies = (Copy("a.example", "", at), Copy("b.example", "", at))
    return LabelledStory(number, stream.topic, stream.target, "", at, True, 0.9, copies)


def test_the_bench_alarms_in_the_very_hours_in_which_the_daemon_would() -> None:
    lived = block(Plan(regimes.named("volume-6"), "shift", 4, 1, seed=3))
    alarms = ours.watch(lived, ours.promised_threshold(1 / 26), DetectorConfig())
    n, y = ours.with_whole(lived.n), ours.with_whole(lived.y)
    config = DetectorConfig(
        alarms_per_week=5 / 26, volume_alarms_per_week=0, coverage_alarms_per_week=0
    )
    watched = watch("ABCD", (), config)
    ledger = Counted(watched.streams, y)
    first: dict[str, int] = {}
    for hour in range(int(lived.onset.max()) + 48):
        start = EPOCH + timedelta(hours=hour)
        counts = {s: (int(n[hour, k]), int(y[hour, k])) for k, s in enumerate(watched.streams)}
        end = start + timedelta(hours=1)
        watched, outcome = judge_bin(watched, start, counts, ledger, config, "c", end)
        for alert in outcome.raised:
            first.setdefault(alert.stream.topic, hour)
    first.pop("", None)
    assert first == {topic: int(alarms[:, k].argmax()) for k, topic in enumerate("ABCD")}
    assert all(lived.onset[k] <= first[topic] for k, topic in enumerate("ABCD"))


def test_the_command_prints_the_fields_of_the_contract(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "downdraft detect-bench --regime volume-1.5 --weeks 100 --jobs 1 --json"
    monkeypatch.setattr("sys.argv", words.split())
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    assert end.value.code == 0
    document = json.loads(said.out)
    found = document["regimes"]["volume-1.5"]
    assert set(found) == {method.name for method in methods.available()}
    for figures in found.values():
        assert figures["promised_rate"] == pytest.approx(1 / 26, abs=1e-6)
        low, high = figures["ci"]
        assert low <= figures["measured_rate"] <= high
        assert set(figures["delay_hours"]) >= {"median", "p90"}
        assert 0 <= figures["detected"] <= 1


@pytest.mark.parametrize(
    ("words", "why"), [("--regime nowhere", "no such regime"), ("--weeks 5", "at least 100")]
)
def test_wrong_usage_is_one_line_and_status_2(
    words: str, why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", f"downdraft detect-bench {words}".split())
    with pytest.raises(SystemExit) as end:
        main()
    said = capsys.readouterr()
    assert (end.value.code, said.out, said.err.count("\n")) == (2, "", 1)
    assert why in said.err


def test_hours_that_no_quantile_reaches_are_null() -> None:
    finding = judge("volume-0.2", "s_h_esd", TINY)
    assert report.record(finding)["delay_hours"]["p90"] is None
    assert ">72" in report.line("s_h_esd", report.record(finding))
