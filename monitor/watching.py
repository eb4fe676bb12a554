"""What the configuration says is watched, in the words of the rooms that watch it."""

from __future__ import annotations

from datetime import timedelta

from alerts.detector import DetectorConfig
from alerts.owners import Owners
from alerts.types import Stream
from alerts.watch import declared
from monitor.config import Settings
from monitor.config_detect import ALL_NEWS
from monitor.entities import WatchedName, WatchList


def streams_of(settings: Settings) -> tuple[Stream, ...]:
    """Fixed by the configuration, so that the promise stands still."""
    names = (entry.name for entry in settings.watch)
    return declared(settings.detect.topics, names, pairs_of(settings))


def pairs_of(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Topic and name that are watched together."""
    return tuple((topic, entry.name) for entry in settings.watch for topic in entry.topics)


def watch_list_of(settings: Settings) -> WatchList:
    return WatchList([WatchedName(entry.name, entry.aliases) for entry in settings.watch])


def config_of(settings: Settings) -> DetectorConfig:
    given = settings.detect
    return DetectorConfig(
        bin=given.width,
        alarms_per_week=given.alarms_per_week,
        half_life=timedelta(days=given.half_life_days),
        lag=timedelta(hours=given.lag_hours),
        min_stories=given.min_stories,
        min_origins=given.min_origins,
        weights=_weights_of(settings),
        volume_alarms_per_week=given.volume_alarms_per_week,
        coverage_alarms_per_week=given.coverage_alarms_per_week,
        positive_alarms_per_week=given.positive_alarms_per_week,
        owners=owners_of(settings),
    )


def owners_of(settings: Settings) -> Owners:
    owned = settings.owners.items()
    return Owners(
        {outlet.casefold(): owner for owner, outlets in owned for outlet in (owner, *outlets)}
    )


def _weights_of(settings: Settings) -> dict[Stream, float]:
    """A name that is a topic and a watched name weighs both; a topic of a name, spelt as in
    "Energy | Oil × Halvorsen Marine", has a weight of its own."""
    given = settings.detect.weights
    streams = {ALL_NEWS: Stream()} | {topic: Stream(topic) for topic in settings.detect.topics}
    names = {entry.name: Stream(target=entry.name) for entry in settings.watch}
    pairs = {str(stream): stream for stream in (Stream(*pair) for pair in pairs_of(settings))}
    both = (*streams.items(), *names.items(), *pairs.items())
    return {stream: given[name] for name, stream in both if name in given}
