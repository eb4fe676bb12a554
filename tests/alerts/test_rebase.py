"""Another checkpoint: baselines take the share that it would have left, and not more certainty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_watch import CONFIG, HOUR, LEGAL, START, TOPICS, Newsroom, play

from alerts import detector, rates, rebase
from alerts.baseline import Baseline, Floats
from alerts.outcome import Outcome
from alerts.quantify import Confusion
from alerts.rebase import Change, Errors, Relabelled, Step
from alerts.types import Stream
from alerts.watch import WatchState, judge_bin, watch

STREAMS = (Stream(), Stream("Legal"), Stream("Oil"), Stream(target="Acme"))
OLD, NEW = (0.85, 0.08), (0.70, 0.20)  # sensitivity, false positives
TRUTH = np.array([0.25, 0.45, 0.10, 0.30])


def said(truth: Floats, checkpoint: tuple[float, float]) -> Floats:
    sensitivity, false = checkpoint
    return np.asarray(truth * sensitivity + (1 - truth) * false)


def baseline(share: Floats, stories: float | Floats) -> Baseline:
    zero = np.zeros(len(share))
    return Baseline(stories * share, stories * (1 - share), zero, zero)


def twice(stories: int, truth: float, rng: np.random.Generator) -> Relabelled:
    """So many stories, by two checkpoints that err independently."""
    bad = rng.random(stories) < truth
    old, new = (rng.random(stories) < np.where(bad, *checkpoint) for checkpoint in (OLD, NEW))
    return Relabelled(stories, int(old.sum()), int(new.sum()), int((old & new).sum()))


def by_stories(seed: int, stories: int = 400, streams: tuple[Stream, ...] = STREAMS) -> Change:
    rng = np.random.default_rng(seed)
    return Change({s: twice(stories, TRUTH[STREAMS.index(s)], rng) for s in streams})


def confusion(checkpoint: tuple[float, float], rows: int) -> Confusion:
    """Negative, neutral, positive; as many rows of each, rounded."""
    found, wrong = (round(rows * rate) for rate in checkpoint)
    other = (wrong, rows - wrong, 0)
    return Confusion(((found, rows - found, 0), other, (wrong, 0, rows - wrong)))


def taken(known: Baseline, change: Change) -> Step:
    found = rebase.step(known, STREAMS, change, CONFIG.prior)
    assert found is not None
    return found


def test_by_stories_labelled_twice_the_baselines_are_those_that_the_new_labels_would_leave() -> (
    None
):
    known = baseline(said(TRUTH, OLD), 500)
    found = [rebase.shares(known, taken(known, by_stories(seed))) for seed in range(200)]
    shares = np.array([b.negatives / (b.negatives + b.others) for b in found])
    assert shares.mean(axis=0) == pytest.approx(said(TRUTH, NEW), abs=0.012)


def test_the_variance_claimed_for_a_rebased_share_is_the_one_it_has() -> None:
    rng, errors, claimed = np.random.default_rng(1), [], []
    for seed in range(400):
        q = rng.binomial(300, said(TRUTH, OLD)) / 300
        step = taken(baseline(q, 300), by_stories(1000 + seed, stories=2000))
        errors.append(step.after - said(TRUTH, NEW))
        uncertain = step.slope**2 * step.before * (1 - step.before) / (step.stories + 1)
        claimed.append(uncertain + step.noise)
    spread = np.square(errors).mean(axis=0)
    assert np.mean(claimed, axis=0) / spread == pytest.approx(np.ones(4), abs=0.45)


def test_a_rebased_baseline_is_worth_what_its_variance_says_and_at_most_400_stories() -> None:
    share = said(TRUTH, OLD)
    sure = rebase.shares(*pair(baseline(share, 5000.0), by_stories(1, stories=20_000)))
    unsure = rebase.shares(*pair(baseline(share, 5000.0), by_stories(1, stories=60)))
    assert (sure.negatives + sure.others).max() <= 400 + 1e-9
    assert np.all((unsure.negatives + unsure.others) < 200)


def pair(known: Baseline, change: Change) -> tuple[Baseline, Step]:
    return known, taken(known, change)


def test_a_stream_of_which_nothing_is_known_stays_unknown() -> None:
    known = baseline(said(TRUTH, OLD), np.array([500.0, 500.0, 0.0, 500.0]))
    after = rebase.shares(*pair(known, by_stories(2)))
    assert (after.negatives + after.others)[2] == 0


def test_a_stream_without_stories_labelled_twice_takes_after_all_news() -> None:
    known = baseline(np.full(4, 0.3), 500)
    step = taken(known, by_stories(3, streams=STREAMS[:1]))
    assert step.after == pytest.approx(np.full(4, step.after[0]), abs=0.01)
    assert np.all(step.noise[1:] > step.noise[0])  # and is believed less


def test_few_stories_labelled_twice_say_less_than_the_confusion_of_both() -> None:
    errors = Errors(confusion(OLD, 1000), confusion(NEW, 1000))
    known = baseline(said(TRUTH, OLD), 500)
    few = replace(by_stories(4, stories=49), headlines=errors, targets=errors)
    assert "confusion" in taken(known, few).source
    assert "50 stories" in taken(known, replace(few, negatives=by_stories(4, 50).negatives)).source


def test_through_the_confusion_of_both_the_share_of_truly_negative_stories_is_kept() -> None:
    errors = Errors(confusion(OLD, 4000), confusion(NEW, 4000))
    known = baseline(said(TRUTH, OLD), 500)
    step = taken(known, Change(headlines=errors, targets=errors))
    assert step.after == pytest.approx(said(TRUTH, NEW), abs=0.005)
    assert step.slope == pytest.approx(np.full(4, 0.50 / 0.77), abs=0.01)


def test_small_audits_leave_more_doubt_than_large_ones() -> None:
    known = baseline(said(TRUTH, OLD), 500)
    small, large = (
        taken(known, Change(headlines=e, targets=e))
        for e in (Errors(confusion(OLD, n), confusion(NEW, n)) for n in (40, 4000))
    )
    assert np.all(small.noise > 20 * large.noise)


def test_the_confusion_of_one_checkpoint_alone_or_of_headlines_alone_carries_nothing_over() -> None:
    errors = Errors(confusion(OLD, 1000), confusion(NEW, 1000))
    known = baseline(said(TRUTH, OLD), 500)
    assert rebase.step(known, STREAMS, Change(), CONFIG.prior) is None
    assert rebase.step(known, STREAMS, Change(headlines=errors), CONFIG.prior) is None


def test_positive_stories_have_a_step_of_their_own() -> None:
    turned = Confusion(((90, 5, 5), (5, 90, 5), (10, 30, 60)))
    errors = Errors(Confusion(((90, 5, 5), (5, 90, 5), (5, 5, 90))), turned)
    known = baseline(np.full(4, 0.3), 500)
    change = Change(by_stories(5).negatives, headlines=errors, targets=errors).of_positives()
    step = taken(known, change)
    assert "confusion" in step.source
    assert np.all(step.after < 0.25)  # the new one finds fewer of the positive


def test_rates_of_negative_stories_scale_as_their_share_does() -> None:
    known = baseline(said(TRUTH, OLD), 500)
    step = taken(known, by_stories(6, stories=4000))
    rate = replace(
        rates.empty(4),
        seen=np.full(4, 200.0),
        exposure=np.full(4, 100.0),
        cells=np.ones((4, rates.CELLS, 2), np.float32),
    )
    after = rebase.rates(rate, step)
    assert after.seen / after.exposure == pytest.approx(
        2 * said(TRUTH, NEW) / said(TRUTH, OLD), 0.1
    )
    assert np.all(after.exposure < 100)  # and are believed less
    assert np.allclose(after.cells[..., 0], after.cells[..., 1])  # the hours keep their pattern


def promoted(
    newsroom: Newsroom, state: WatchState, number: int, change: Change | None
) -> tuple[WatchState, Outcome]:
    start = START + number * HOUR
    newsroom.hour(number)
    counts = newsroom.counts(number)
    return judge_bin(state, start, counts, newsroom, CONFIG, "two", start + HOUR, change=change)


def test_a_promotion_begins_all_evidence_again_and_says_by_what_shares_were_carried_over() -> None:
    newsroom, state = Newsroom(), watch(TOPICS, ["Acme"], CONFIG)
    state, _ = play(newsroom, state, range(200))
    pairs = {stream: Relabelled(1000, 250, 500, 250) for stream in state.streams}
    after, outcome = promoted(newsroom, state, 200, Change(pairs))
    (note,) = [note.reason for note in outcome.notes if "follows" in note.reason]
    assert "1000 stories that both have labelled" in note
    before = detector.rebase(state.state, None, np.zeros(len(state.streams), dtype=np.bool_))
    old, new = before.baseline, after.state.baseline
    share, again = (b.negatives[0] / (b.negatives[0] + b.others[0]) for b in (old, new))
    assert again == pytest.approx(1 - (1 - share) * 500 / 750, abs=0.02)
    assert np.all(after.state.log_m < np.log(2) + 5 * np.log(10))
    _, silent = promoted(newsroom, state, 200, None)
    assert any("shares are doubted" in note.reason for note in silent.notes)


def test_an_open_alert_outlives_a_promotion_and_is_resolved_by_calm() -> None:
    newsroom, state = Newsroom(), watch(TOPICS, ["Acme"], CONFIG)
    state, _ = play(newsroom, state, range(96))
    state, loud = play(newsroom, state, range(96, 108), crisis=("Legal",) * 5)
    assert LEGAL in state.open
    pairs = {stream: Relabelled(1000, 250, 250, 240) for stream in state.streams}
    state, outcome = promoted(newsroom, state, 108, Change(pairs))
    assert not outcome.resolved
    assert LEGAL in state.open
    resolved = []
    for number in range(109, 300):
        newsroom.hour(number)
        start, counts = START + number * HOUR, newsroom.counts(number)
        state, outcome = judge_bin(state, start, counts, newsroom, CONFIG, "two", start + HOUR)
        resolved += outcome.resolved
    raised = [alert for each in loud for alert in each.raised]
    assert {alert.id for alert in resolved} == {alert.id for alert in raised}
