"""What the detectors remember between two ticks, out of the store and back into it."""

from __future__ import annotations

from alerts import count_state, detector, volume
from alerts import coverage as holes
from alerts.coverage import Coverage
from alerts.detector import DetectorConfig
from alerts.spikes import Spikes
from alerts.types import Alert, Kind, Stream
from alerts.volume import Volume
from alerts.watch import Companions, WatchState
from monitor.store import alerts, companions, detection, feeds
from monitor.store.engine import Transaction

Open = dict[Kind, list[Alert]]


def recall(
    tx: Transaction, streams: tuple[Stream, ...], config: DetectorConfig, checkpoint: str
) -> WatchState:
    """The detectors as the last closed bin left them."""
    told: Open = {}
    for alert in alerts.firing(tx):
        told.setdefault(alert.kind, []).append(alert)
    packed = detection.states(tx)
    state = detector.unpack([packed.get(stream) for stream in streams], config)
    beside = Companions(
        _volume(tx, streams, config, told) if config.volume_alarms_per_week else None,
        _coverage(tx, streams, config, told) if config.coverage_alarms_per_week else None,
        _positive(tx, streams, config, told) if config.positive_alarms_per_week else None,
    )
    return WatchState(streams, state, _by_stream(told, "negative_share"), checkpoint, beside)


def forget(tx: Transaction) -> None:
    """Bins of another width: nothing that was learned fits them."""
    companions.forget_states(tx)


def keep(tx: Transaction, watch: WatchState) -> None:
    packed = {stream: detector.pack(watch.state, k) for k, stream in enumerate(watch.streams)}
    detection.set_states(tx, packed)
    beside, streams = watch.companions, watch.streams
    if beside.volume is not None:
        state = beside.volume.state
        rows = {(s, ""): count_state.pack(state, k) for k, s in enumerate(streams)}
        companions.set_states(tx, "negative_volume", rows)
    if beside.coverage is not None:
        state, keys = beside.coverage.state, _rows(streams, beside.coverage.feeds)
        rows = {key: count_state.pack(state, k) for k, key in enumerate(keys)}
        companions.set_states(tx, "coverage_hole", rows)
    if beside.positive is not None:
        share = beside.positive.state
        rows = {(s, ""): detector.pack(share, k) for k, s in enumerate(streams)}
        companions.set_states(tx, "positive_share", rows)


def _by_stream(told: Open, kind: Kind) -> dict[Stream, Alert]:
    return {alert.stream: alert for alert in told.get(kind, ())}


def _rows(streams: tuple[Stream, ...], names: tuple[str, ...]) -> list[companions.Key]:
    return [*((stream, "") for stream in streams), *((Stream(), name) for name in names)]


def _volume(
    tx: Transaction, streams: tuple[Stream, ...], config: DetectorConfig, told: Open
) -> Volume:
    packed = companions.states(tx, "negative_volume")
    rows = [packed.get((stream, "")) for stream in streams]
    state = count_state.unpack(rows, volume.config_of(config))
    return Volume(state, _by_stream(told, "negative_volume"))


def _coverage(
    tx: Transaction, streams: tuple[Stream, ...], config: DetectorConfig, told: Open
) -> Coverage:
    """Feeds of one name are judged together."""
    names = tuple(dict.fromkeys(feed.name for feed in feeds.active(tx)))
    packed = companions.states(tx, "coverage_hole")
    rows = [packed.get(key) for key in _rows(streams, names)]
    state = count_state.unpack(rows, holes.config_of(config))
    incident = sorted(
        told.get("coverage_hole", ()), key=lambda a: (a.parent is not None, a.raised_at, a.id)
    )
    return Coverage(names, state, tuple(incident))


def _positive(
    tx: Transaction, streams: tuple[Stream, ...], config: DetectorConfig, told: Open
) -> Spikes:
    packed = companions.states(tx, "positive_share")
    state = detector.unpack([packed.get((stream, "")) for stream in streams], config)
    return Spikes(state, _by_stream(told, "positive_share"))
