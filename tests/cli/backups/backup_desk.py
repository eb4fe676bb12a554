"""Two machines with the same configuration but for their places: one has lived, one is new."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from checkpoints import opening, write_checkpoint

from alerts.budget import share_out
from alerts.types import Alert, Delivery, Evidence, Stream
from monitor.config_detect import DetectSection
from monitor.learning import promoting
from monitor.store import alerts, feeds, learning, trials
from monitor.store.engine import Store, open_store
from monitor.store.feeds import NewFeed
from monitor.store.learning import KnownCheckpoint
from monitor.store.link_key import key_of

WIDTH = DetectSection().width


@dataclass(frozen=True)
class Machine:
    """A folder, with a configuration in it."""

    folder: Path
    url: str

    @property
    def config(self) -> Path:
        return self.folder / "c.toml"

    @property
    def policies(self) -> Path:
        return self.folder / "policies"

    def open(self) -> Store:
        return open_store(self.url)

    def feeds(self) -> list[str]:
        with closing(self.open()) as store, store.read() as tx:
            return [row.name for row in feeds.active(tx)]


def set_up(folder: Path, home: Path, url: str = "") -> Machine:
    folder.mkdir()
    machine = Machine(folder, url or f"sqlite:///{folder / 'store.db'}")
    machine.config.write_text(
        f'[store]\nurl = "{machine.url}"\n[learn]\nfolder = "{machine.policies}"\n'
        f'[policy]\ncheckpoint = "{home}"\n'
    )
    return machine


@dataclass(frozen=True)
class Lived:
    """Ids of what a machine has seen."""

    home: str
    live: str  # promoted over home
    shadow: str  # on trial against it
    refused: str


def live_through(machine: Machine, home: str, now: datetime) -> Lived:
    """A feed, an alert whose delivery waits, a key, and four checkpoints."""
    ids = {name: _learned(machine, name, home) for name in ("live", "shadow", "refused")}
    with closing(machine.open()) as store:
        with store.write() as tx:
            feeds.add(tx, NewFeed("https://x.example/f", "Tidewater", "x", 300), "config", now)
            alerts.open_new(tx, _alert(now), [_delivery(now)])
            for name, id_ in ids.items():
                row = KnownCheckpoint(
                    id_, str(machine.policies / id_), home, "value", {"of": name}, now
                )
                learning.add_checkpoint(tx, row)
            refused = opening(ids["refused"], now, state="refused", champion=home)
            trials.begin(tx, refused)
            promoting.promote(tx, ids["live"], home, "it is better", "gate", now)
            trials.begin(tx, opening(ids["shadow"], now, champion=ids["live"]))
        key_of(store)
    return Lived(home, **ids)


def _learned(machine: Machine, name: str, home: str) -> str:
    id_ = write_checkpoint(machine.policies / name, name)
    (machine.policies / name).rename(machine.policies / id_)
    return id_


def _alert(now: datetime) -> Alert:
    stream = Stream("Macro")
    return Alert(
        "a1", stream, "negative_share", "warning", "firing", now, now,
        Evidence(stream, now, WIDTH, 9, 8, 0.2, 9.1, 2.0), 9, 8, 0.2, (), "ck",
        share_out(1.0, 20, WIDTH),
    )  # fmt: skip


def _delivery(now: datetime) -> Delivery:
    return Delivery("msg_1", "a1", "desk", "firing", "pending", 0, now, now)
