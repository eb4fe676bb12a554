"""One bin end to end: from counts to alerts, on a week of quiet news and a crisis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from alerts import detector
from alerts.detector import DetectorConfig
from alerts.ledger import LabelledStory
from alerts.types import Copy, Stream
from alerts.watch import Outcome, WatchState, judge_bin, watch

START = datetime(2031, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONFIG = DetectorConfig()
TOPICS = ("Legal", "Oil", "Banks", "Macro")
WHOLE, LEGAL, OIL, ACME = Stream(), Stream("Legal"), Stream("Oil"), Stream("", "Acme")


@dataclass
class Newsroom:
    """Draws stories hour by hour and is their ledger."""

    seed: int = 1
    per_hour: float = 10.0
    told: list[LabelledStory] = field(default_factory=list)
    rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def hour(self, number: int, crisis: tuple[str, ...] = ()) -> None:
        at = START + number * HOUR
        for _ in range(self.rng.poisson(self.per_hour)):
            about = "Acme" if self.rng.random() < 0.1 else ""
            self.tell(at, str(self.rng.choice(TOPICS)), self.rng.random() < 0.25, about)
        for topic in crisis:
            self.tell(at, topic, True, "Acme")

    def tell(self, at: datetime, topic: str, negative: bool, about: str) -> None:
        number = len(self.told) + 1
        at += timedelta(seconds=float(self.rng.uniform(0, 3599)))
        copies = tuple(Copy(f"outlet {o}", "", at) for o in self.rng.integers(30, size=2))
        for target in ("", about) if about else ("",):
            self.told.append(
                LabelledStory(number, topic, target, f"#{number}", at, negative, 0.8, copies)
            )

    def stories(self, stream: Stream, since: datetime, until: datetime) -> Sequence[LabelledStory]:
        here = [s for s in self.told if since <= s.first_seen_at < until]
        here = [s for s in here if s.target == stream.target]
        return [s for s in here if not stream.topic or s.topic == stream.topic]

    def origins(self, stream: Stream, since: datetime, until: datetime) -> Mapping[str, int]:
        return Counter(c.origin for s in self.stories(stream, since, until) for c in s.copies)

    def counts(self, number: int, share_of_hour: float = 1.0) -> dict[Stream, tuple[int, int]]:
        start = START + number * HOUR
        streams = (WHOLE, *(Stream(topic) for topic in TOPICS), ACME)
        found = {s: self.stories(s, start, start + share_of_hour * HOUR) for s in streams}
        return {s: (len(x), sum(y.negative for y in x)) for s, x in found.items() if x}


def play(
    newsroom: Newsroom, state: WatchState, hours: range, crisis: tuple[str, ...] = ()
) -> tuple[WatchState, list[Outcome]]:
    outcomes = []
    for number in hours:
        newsroom.hour(number, crisis)
        state, outcome = judge(newsroom, state, number)
        outcomes.append(outcome)
    return state, outcomes


def judge(
    newsroom: Newsroom, state: WatchState, number: int, checkpoint: str = "one"
) -> tuple[WatchState, Outcome]:
    start = START + number * HOUR
    counts = newsroom.counts(number)
    return judge_bin(state, start, counts, newsroom, CONFIG, checkpoint, start + HOUR)


def test_one_crisis_raises_one_parent_with_its_children_and_resolves_with_them() -> None:
    newsroom, state = Newsroom(), watch(TOPICS, ["Acme"], CONFIG)
    state, quiet = play(newsroom, state, range(96))
    state, loud = play(newsroom, state, range(96, 108), crisis=("Legal",) * 5)
    state, after = play(newsroom, state, range(108, 108 + 200))
    assert [o.raised for o in quiet if o.raised] == []
    raised = [alert for outcome in loud for alert in outcome.raised]
    parents = [alert for alert in raised if alert.parent is None]
    assert len(parents) == 1
    assert {LEGAL, ACME} <= {alert.stream for alert in raised}
    assert {alert.parent for alert in raised} == {None, parents[0].id}
    assert parents[0].onset >= START + 90 * HOUR
    assert not [alert for outcome in after for alert in outcome.raised]
    resolved = [alert for outcome in after for alert in outcome.resolved]
    assert {alert.id for alert in resolved} == {alert.id for alert in raised}
    assert len({alert.resolved_at for alert in resolved}) == 1
    assert not state.open


def test_a_crisis_split_over_two_topics_is_still_one_alert() -> None:
    for seed in range(3):
        newsroom, state = Newsroom(seed), watch(TOPICS, ["Acme"], CONFIG)
        state, _ = play(newsroom, state, range(96))
        state, loud = play(newsroom, state, range(96, 106), crisis=("Legal",) * 3 + ("Oil",) * 3)
        raised = [alert for outcome in loud for alert in outcome.raised]
        assert len([alert for alert in raised if alert.parent is None]) == 1


def test_an_alert_rests_on_its_negative_stories_the_heaviest_first() -> None:
    newsroom, state = Newsroom(), watch(TOPICS, ["Acme"], CONFIG)
    state, _ = play(newsroom, state, range(96))
    _, loud = play(newsroom, state, range(96, 108), crisis=("Legal",) * 5)
    alert = next(alert for outcome in loud for alert in outcome.raised)
    assert alert.evidence.log_evidence >= CONFIG.log_threshold(len(state.streams))
    assert 5 <= len(alert.stories) <= 12
    assert all(story.negative and story.weight > 0 for story in alert.stories)
    weights = [story.weight for story in alert.stories]
    assert weights == sorted(weights, reverse=True)
    assert alert.negatives_since_onset <= alert.stories_since_onset
    assert alert.share > 2 * alert.baseline
    assert alert.budget.streams == 6


def test_a_volume_burst_with_an_unchanged_share_is_no_crisis() -> None:
    newsroom, state = Newsroom(), watch(TOPICS, ["Acme"], CONFIG)
    state, _ = play(newsroom, state, range(96))
    newsroom.per_hour = 60
    _, burst = play(newsroom, state, range(96, 110))
    assert not [alert for outcome in burst for alert in outcome.raised]


def test_a_look_at_the_open_bin_may_alert_and_changes_nothing_else() -> None:
    newsroom, state = Newsroom(), watch(TOPICS, ["Acme"], CONFIG)
    state, _ = play(newsroom, state, range(96))
    newsroom.hour(96, crisis=("Legal",) * 40)
    start = START + 96 * HOUR
    half, now = newsroom.counts(96, 0.5), start + 0.5 * HOUR
    looked, early = judge_bin(state, start, half, newsroom, CONFIG, "one", now, provisional=True)
    assert early.raised
    assert early.raised[0].raised_at == now
    assert set(looked.open) == {alert.stream for alert in early.raised}
    assert looked.state is state.state
    again, twice = judge_bin(looked, start, half, newsroom, CONFIG, "one", now, provisional=True)
    assert not twice.raised
    _, closed = judge(newsroom, again, 96)
    assert {alert.stream for alert in closed.raised}.isdisjoint(looked.open)


def test_when_the_whole_crosses_the_topic_that_holds_its_excess_is_the_headline() -> None:
    newsroom, state = Newsroom(), watch(TOPICS, ["Acme"], CONFIG)
    state, _ = play(newsroom, state, range(96))
    whole, oil = state.streams.index(WHOLE), state.streams.index(OIL)
    memory = state.state
    memory.log_m[whole], memory.s[[whole, oil]], memory.onset[[whole, oil]] = 20.0, 6.0, 96
    for _ in range(8):
        newsroom.tell(START + 96 * HOUR, "Oil", True, "")
    _, outcome = judge(newsroom, state, 96)
    parent, child = outcome.raised
    assert (parent.stream, parent.parent) == (OIL, None)
    assert (child.stream, child.parent) == (WHOLE, parent.id)
    assert parent.evidence.log_evidence < CONFIG.log_threshold(6) < child.evidence.log_evidence


def test_what_holds_an_alert_back_is_said() -> None:
    newsroom, state = Newsroom(), watch(TOPICS, ["Acme"], CONFIG)
    state, _ = play(newsroom, state, range(96))
    row = state.streams.index(LEGAL)
    certain = state.state.log_m.copy()
    certain[row] = 20.0
    state = replace(state, state=replace(state.state, log_m=certain))
    newsroom.tell(START + 96 * HOUR, "Legal", False, "")
    _, outcome = judge(newsroom, state, 96)
    assert not outcome.raised
    assert [(note.stream, note.reason) for note in outcome.notes] == [
        (LEGAL, "the newest bin adds no evidence")
    ]


def test_a_new_checkpoint_begins_again_and_says_so() -> None:
    newsroom, state = Newsroom(), watch(TOPICS, ["Acme"], CONFIG)
    state, _ = play(newsroom, state, range(96))
    newsroom.hour(96)
    other, outcome = judge(newsroom, state, 96, checkpoint="two")
    same, _ = judge(newsroom, state, 96, checkpoint="one")
    assert "two follows one" in outcome.notes[0].reason
    assert other.checkpoint == "two"
    assert not np.array_equal(other.state.log_m, same.state.log_m)


def test_a_restart_after_every_bin_changes_no_alert() -> None:
    def story(restarts: bool) -> list[str]:
        newsroom, state = Newsroom(), watch(TOPICS, ["Acme"], CONFIG)
        raised = []
        for number in range(108):
            newsroom.hour(number, ("Legal",) * 5 if number >= 96 else ())
            state, outcome = judge(newsroom, state, number)
            raised += [f"{a.id} {a.evidence.log_evidence!r}" for a in outcome.raised]
            if restarts:
                packed = [detector.pack(state.state, k) for k in range(len(state.streams))]
                kept = detector.unpack(packed, CONFIG)
                state = WatchState(state.streams, kept, state.open, state.checkpoint)
        return raised

    assert story(restarts=True) == story(restarts=False) != []


def test_by_the_day_a_thin_stream_may_tell_its_crisis_over_three_days() -> None:
    newsroom, day = Newsroom(), timedelta(days=1)
    config = DetectorConfig(bin=day, alarms_per_week=0.5, volume_alarms_per_week=0)
    state, raised = watch(["Oil"], [], config), []
    for number in range(90):
        start = START + number * day
        for i in range(2):
            newsroom.tell(start, "Oil", number >= 80 or (number % 5 == 0 and i == 0), "")
        today = newsroom.stories(OIL, start, start + day)
        tally = (len(today), sum(story.negative for story in today))
        counts = {WHOLE: tally, OIL: tally}
        state, outcome = judge_bin(state, start, counts, newsroom, config, "one", start + day)
        raised += [alert for alert in outcome.raised if alert.kind == "negative_share"]
    first = min(raised, key=lambda alert: alert.raised_at)
    assert first.evidence.negatives == 2  # on the day itself, of the three that are needed
    assert START + 80 * day < first.raised_at <= START + 86 * day
