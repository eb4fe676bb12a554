"""What is to be had from the publisher at a time: a script indexed by outlet and by path."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from functools import cached_property

from monitor.newswire.carriage import Publication
from monitor.newswire.outlets import Outlet
from monitor.newswire.script import Script

ITEMS_A_FEED = 20


def feed_path(outlet: Outlet) -> str:
    """Where the outlet's feed lives."""
    return f"/feeds/{outlet.slug}.{'json' if outlet.format == 'json' else 'xml'}"


def subscribed_path(outlet: Outlet) -> str:
    """The path that readers know; the outlet that moved still gets visits at its old one."""
    return f"/old/{outlet.slug}" if outlet.quirk == "moved" else feed_path(outlet)


class Newsroom:
    """A script, indexed; stateless but for its indices."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.moved = {
            subscribed_path(o): feed_path(o) for o in script.outlets if o.quirk == "moved"
        }

    @cached_property
    def outlets(self) -> dict[str, Outlet]:
        return {outlet.slug: outlet for outlet in self.script.outlets}

    @cached_property
    def feeds(self) -> dict[str, Outlet]:
        return {feed_path(outlet): outlet for outlet in self.script.outlets}

    @cached_property
    def articles(self) -> dict[str, Publication]:
        return {publication.link: publication for publication in self.script.publications}

    @cached_property
    def _by_outlet(self) -> dict[str, list[Publication]]:
        shelves: dict[str, list[Publication]] = {slug: [] for slug in self.outlets}
        for publication in self.script.publications:
            shelves[publication.outlet].append(publication)
        return shelves

    def latest(self, outlet: Outlet, now: datetime) -> list[Publication]:
        """The outlet's last publications up to now, newest first."""
        shelf = self._by_outlet[outlet.slug]
        end = bisect_right(shelf, now, key=lambda publication: publication.at)
        return shelf[max(0, end - ITEMS_A_FEED) : end][::-1]

    def is_dark(self, outlet: Outlet, now: datetime) -> bool:
        """Whether the outage keeps the outlet from answering."""
        outage = self.script.outage
        return outage.starts_at <= now < outage.ends_at and outlet.slug in outage.outlets
