"""What the page of a back-test draws: alerts by number, events, and a chart for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.types import Alert, Evidence, Stream
from monitor.events import Match, matches, window
from monitor.replay import Replayed
from monitor.replay_charts import LEGIBLE, Chart, Column, View, column, draw
from monitor.replay_report import DAY, moment

_BEFORE, _AFTER = 240, 72  # bins shown around an alert: ten days of hours before it
_CLOSE = 12.0  # stories a share is of, beside an alert: its rise should be seen
_NUMBER = 22.0  # units that the number of an alert is wide
_BEFORE_DAYS, _AFTER_DAYS = timedelta(days=45), timedelta(days=20)


@dataclass(frozen=True, slots=True)
class Flag:
    """Something marked on an axis of time."""

    x: float
    text: str
    title: str
    strong: bool  # a parent alert; an event that was found
    until: float  # where an alert was over; x for an event


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart and what is marked on it."""

    stream: Stream
    chart: Chart
    alarms: tuple[Flag, ...]
    events: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A parent alert as the list shows it."""

    number: int
    alert: Alert
    at: datetime
    limit: float  # ln A
    children: tuple[Alert, ...]
    events: tuple[Match, ...]  # in whose window it lies
    drawn: Drawn | None


@dataclass(frozen=True, slots=True)
class Strip:
    """One stream's line in the overview of all alarms."""

    stream: Stream
    alarms: tuple[Flag, ...]


class Pictures:
    """Everything about one back-test that the template asks for."""

    def __init__(self, replayed: Replayed) -> None:
        limits = replayed.config.log_thresholds(replayed.streams).tolist()
        self._limits = dict(zip(replayed.streams, limits, strict=True))
        self._width = replayed.config.bin
        self._daily = self._width >= DAY
        judgement = replayed.judgement
        self._view = View(replayed.first, replayed.last + self._width)
        self._bins = _by_stream(judgement.evidence)
        self._rho = judgement.dispersion
        self._all = judgement.alerts
        self._alerts = [a for a in judgement.alerts if a.kind == "negative_share"]
        parents = [alert for alert in self._alerts if alert.parent is None]
        parents.sort(key=lambda alert: alert.raised_at)
        self._numbers = {alert.id: number for number, alert in enumerate(parents, start=1)}
        times = [moment(alert, self._width) for alert in parents]
        first, last = replayed.first, replayed.last
        self.events = matches(replayed.events, times, first, last, self._daily)
        self._columns: dict[Stream, Column] = {}
        self.cards = [self._card(alert) for alert in parents]

    @property
    def others(self) -> list[Alert]:
        """Parents of the other kinds."""
        return [a for a in self._all if a.kind != "negative_share" and a.parent is None]

    def found_by(self, match: Match) -> int | None:
        """The number of the alert that found an event first."""
        found = (card.number for card in self.cards if card.at == match.alert)
        return next(found, None)

    def times(self) -> Chart | None:
        """The axis of the whole archive, with the whole's chart above it."""
        return self._draw(Stream(), self._view)

    def strips(self) -> list[Strip]:
        """Each stream that alarmed, with its alarms over the whole archive."""
        return [Strip(stream, self._alarms(stream, self._view)) for stream in self._alerting()]

    def event_flags(self) -> tuple[Flag, ...]:
        return self._events(self._view)

    def charts(self) -> list[Drawn]:
        """The whole, then each stream that alarmed, those that spoke most often first."""
        streams = dict.fromkeys((Stream(), *self._alerting()))
        drawn = (self._picture(stream, self._view) for stream in streams)
        return [each for each in drawn if each is not None]

    def _alerting(self) -> list[Stream]:
        spoke: defaultdict[Stream, int] = defaultdict(int)
        for alert in self._alerts:
            spoke[alert.stream] += 1000 if alert.parent is None else 1
        return sorted(spoke, key=lambda stream: (-spoke[stream], stream))

    def _card(self, alert: Alert) -> Card:
        at = moment(alert, self._width)
        places = [(match, window(match.event, self._daily)) for match in self.events]
        return Card(
            self._numbers[alert.id],
            alert,
            at,
            self._limits[alert.stream],
            tuple(child for child in self._all if child.parent == alert.id),
            tuple(match for match, place in places if place.since <= at < place.until),
            self._picture(alert.stream, self._around(alert), _CLOSE),
        )

    def _around(self, alert: Alert) -> View:
        before = _BEFORE_DAYS if self._daily else _BEFORE * self._width
        after = _AFTER_DAYS if self._daily else _AFTER * self._width
        first = max(self._view.first, min(alert.onset, alert.raised_at - before / 2) - before / 2)
        return View(first, min(self._view.last, alert.raised_at + after))

    def _picture(self, stream: Stream, view: View, legible: float = LEGIBLE) -> Drawn | None:
        chart = self._draw(stream, view, legible)
        if chart is None:
            return None
        return Drawn(stream, chart, self._alarms(stream, view), self._events(view))

    def _draw(self, stream: Stream, view: View, legible: float = LEGIBLE) -> Chart | None:
        if stream not in self._bins:
            return None
        if stream not in self._columns:
            self._columns[stream] = column(self._bins[stream], self._rho[stream])
        return draw(self._columns[stream], view, self._limits[stream], legible)

    def _alarms(self, stream: Stream, view: View) -> tuple[Flag, ...]:
        mine = (alert for alert in self._alerts if alert.stream == stream)
        return spaced(self._alarm(alert, view) for alert in mine if view.holds(alert.raised_at))

    def _alarm(self, alert: Alert, view: View) -> Flag:
        number = self._numbers.get(alert.parent or alert.id)
        when = f"{moment(alert, self._width):%-d %b %Y}"
        return Flag(
            view.x(alert.raised_at),
            str(number or ""),
            f"alert {number or '?'}, {when}",
            alert.parent is None,
            view.x(alert.resolved_at or view.last),
        )

    def _events(self, view: View) -> tuple[Flag, ...]:
        return tuple(_event_flag(match, view) for match in self.events if _shown(match, view))


def spaced(flags: Iterable[Flag]) -> tuple[Flag, ...]:
    """From left to right, without the numbers that would be printed over the one before."""
    found, free = list[Flag](), -_NUMBER
    for flag in sorted(flags, key=lambda each: each.x):
        legible = flag.x >= free
        found.append(flag if legible else replace(flag, text=""))
        free = flag.x + _NUMBER if legible and flag.text else free
    return tuple(found)


def _shown(match: Match, view: View) -> bool:
    return view.holds(match.event.time or match.event.day)


def _event_flag(match: Match, view: View) -> Flag:
    x = view.x(match.event.time or match.event.day)
    title = f"{match.event.day:%-d %b %Y}: {match.event.what}"
    return Flag(x, "", title, match.alert is not None, x)


def _by_stream(evidence: Iterable[Evidence]) -> Mapping[Stream, Sequence[Evidence]]:
    rows: defaultdict[Stream, list[Evidence]] = defaultdict(list)
    for one in evidence:
        rows[one.stream].append(one)
    return rows
