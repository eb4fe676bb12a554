"""A topic of a name takes after its name: what is expected of it, and how sure that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from scipy.special import betaincinv, ndtr
from wire import Wire

from alerts import baseline as base
from alerts import detector
from alerts.baseline import Baseline, Prior
from alerts.detector import DetectorConfig
from alerts.kin import NONE, kin_of
from alerts.ledger import Listening
from alerts.memory import Usual
from alerts.outcome import Outcome, Tally
from alerts.spikes import Spikes
from alerts.types import Stream
from alerts.watch import WatchState, begin, declared, judge_bin

PRIOR = Prior()
STREAMS = declared(("Legal",), ("Acme", "Borealis"), (("Legal", "Acme"),))
WHOLE, LEGAL, ACME, BOREALIS, PAIR = range(5)
KIN = kin_of(STREAMS)
START, HOUR = datetime(2031, 3, 1, tzinfo=UTC), timedelta(hours=1)


def known(acme: tuple[float, float], pair: tuple[float, float] = (0.0, 0.0)) -> Baseline:
    """A whole of which a quarter is negative; so many (negative, other) stories of the rest."""
    counts = np.array([(250.0, 750.0), (0.0, 0.0), acme, (0.0, 0.0), pair])
    return replace(base.empty(5), negatives=counts[:, 0], others=counts[:, 1])


def test_only_a_topic_of_a_name_that_is_watched_itself_has_another_parent() -> None:
    streams = (Stream(), Stream("Oil", "Acme"), Stream("Oil"), Stream(target="Acme"))
    found = kin_of((*streams, Stream("Oil", "Borealis"), Stream("Legal", "Acme")))
    assert [each.tolist() for each in found] == [[1, 5], [3, 3]]
    assert kin_of((Stream("Oil", "Borealis"),)).rows.size == 0
    assert kin_of(declared(("Oil",), ("Oil", "Acme"))) is NONE


def test_a_topic_of_a_name_takes_after_its_name_and_a_name_after_the_whole() -> None:
    share = base.mean_share(known(acme=(80.0, 20.0)), PRIOR, KIN)
    assert np.isclose(share[PAIR], share[ACME])
    assert share[ACME] > 0.7
    assert np.allclose(share[[LEGAL, BOREALIS]], base.parent_share(known((0, 0)), PRIOR))


def test_stories_of_its_own_outweigh_its_name() -> None:
    share = base.mean_share(known(acme=(80.0, 20.0), pair=(20.0, 180.0)), PRIOR, KIN)
    assert share[PAIR] < 0.15


def test_all_other_streams_are_as_if_nobody_had_another_parent() -> None:
    everybody = known(acme=(80.0, 20.0), pair=(3.0, 5.0))
    for with_kin, without in zip(
        base.posterior(everybody, PRIOR, KIN), base.posterior(everybody, PRIOR), strict=True
    ):
        assert (with_kin[:PAIR] == without[:PAIR]).all()
        assert with_kin[PAIR] != without[PAIR]


def test_the_less_is_known_of_a_name_the_less_its_topic_is_sure_and_the_more_it_is_spared() -> None:
    few, many = known(acme=(1.0, 3.0)), known(acme=(250.0, 750.0))
    assert base.variance(few, PRIOR, KIN)[PAIR] > 1.3 * base.variance(many, PRIOR, KIN)[PAIR]
    assert base.variance(few, PRIOR, KIN)[PAIR] > 1.3 * base.variance(few, PRIOR, NONE)[PAIR]
    cautious = [base.expected_share(each, PRIOR, 0.005, KIN)[PAIR] for each in (few, many)]
    assert cautious[0] > cautious[1] > 0.25


def test_where_nothing_is_known_at_all_a_topic_of_a_name_is_as_cautious_as_any_stream() -> None:
    """By the quantile of what is believed of it, which is less than of its name."""
    prior = Prior(caution_first=1.0, caution_cold=1.0, caution=0.0, most=np.inf)
    a, b = base.posterior(base.empty(5), prior, KIN)
    share = base.expected_share(base.empty(5), prior, 0.0, KIN)
    assert np.allclose(share, betaincinv(a, b, ndtr(1.0)))
    assert share[PAIR] > share[ACME]


def test_a_name_of_which_nothing_is_known_leaves_its_topic_to_the_whole() -> None:
    share = base.mean_share(known(acme=(0.0, 0.0)), PRIOR, KIN)
    assert np.isclose(share[PAIR], share[LEGAL])


def test_all_that_is_expected_of_a_topic_of_a_name_goes_by_its_name() -> None:
    config = DetectorConfig()
    state = replace(detector.start(5, config), baseline=known(acme=(80.0, 20.0)))
    usual = Usual(state, 0, config, KIN)
    assert usual.mean[PAIR] == base.mean_share(state.baseline, PRIOR, KIN)[PAIR]
    assert usual.variance[PAIR] == base.variance(state.baseline, PRIOR, KIN)[PAIR]
    assert usual.share[PAIR] > usual.mean[PAIR] > 0.7


def test_a_topic_as_bad_as_its_name_does_not_pass_for_one_whose_stories_are_alike() -> None:
    found, n, y = [], np.array([0, 0, 0, 0, 4]), np.array([0, 0, 0, 0, 3])
    for kin in (KIN, NONE):
        config = DetectorConfig()
        state = replace(detector.start(5, config), baseline=known(acme=(80.0, 20.0)))
        for t in range(config.lag_bins + 1):
            state, _ = detector.step(state, n * (t == 0), y * (t == 0), t, config, kin=kin)
        found.append(state.baseline.excess[PAIR])
    assert found[0] < 0 < found[1]


def test_a_topic_of_a_bad_name_that_is_as_bad_as_the_name_gathers_no_evidence() -> None:
    told, config = [], DetectorConfig()
    for kin in (KIN, NONE):
        rng, most = np.random.default_rng(4), 0.0
        state = replace(detector.start(5, config), baseline=known(acme=(80.0, 20.0)))
        for t in range(240):
            n = rng.poisson((30.0, 0.0, 2.0, 0.0, 0.4))
            y = rng.binomial(n, (0.25, 0.25, 0.75, 0.25, 0.75))
            state, judged = detector.step(state, n, y, t, config, kin=kin)
            most = max(most, judged.s_max[PAIR])
        told.append(most)
    after_name, after_whole = told
    assert after_name < after_whole / 2


def test_a_bin_is_judged_by_it_whether_bad_news_is_counted_or_good() -> None:
    config, learned = DetectorConfig(positive_alarms_per_week=1.0), known(acme=(80.0, 20.0))
    fresh = begin(STREAMS, config)
    state = replace(fresh.state, baseline=learned)
    beside = replace(fresh.companions, positive=Spikes(state))
    counts = {STREAMS[LEGAL]: (1, 0), STREAMS[PAIR]: (1, 0)}
    listening = Listening(positives=counts, positive_ledger=Wire())
    _, outcome = judge_bin(
        replace(fresh, state=state, companions=beside), START, counts, Wire(), config, "one",
        START + HOUR, listening=listening,
    )  # fmt: skip
    good = [one.evidence for one in outcome.counted if one.kind == "positive_share"]
    for told in (outcome.evidence, good):
        share = {one.stream: one.baseline for one in told}
        assert share[STREAMS[PAIR]] > 0.75
        assert share[STREAMS[LEGAL]] < 0.4


def test_a_silence_is_told_with_the_share_of_it() -> None:
    config = DetectorConfig()
    state, usual = begin(STREAMS, config), dict.fromkeys(STREAMS, (6, 1))
    for hour in range(9 * 24):
        state, _ = _judged(state, hour, usual, config)
    state = replace(state, state=replace(state.state, baseline=known(acme=(80.0, 20.0))))
    _, outcome = _judged(state, 9 * 24, {}, config)
    share = {one.evidence.stream: one.evidence.baseline for one in outcome.counted}
    assert share[STREAMS[PAIR]] > 0.75
    assert share[STREAMS[LEGAL]] < 0.4


def _judged(
    state: WatchState, hour: int, counts: Tally, config: DetectorConfig
) -> tuple[WatchState, Outcome]:
    start = START + hour * HOUR
    return judge_bin(state, start, counts, Wire(), config, "one", start + HOUR)
