"""Which receiver is told of which crisis. Pure.

A crisis is its parent and the children inside: whoever asked for one of its streams is told of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.types import Alert, Kind, Stream


@dataclass(frozen=True, slots=True)
class Wish:
    """What one receiver wants to hear of. Nothing named: everything."""

    topics: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    whole: bool = False  # of all news together, beside the topics and names
    kinds: frozenset[Kind] = frozenset()

    def wants(self, crisis: Iterable[Alert]) -> bool:
        """Whether an alert of the crisis is of a kind and a stream that was asked for."""
        return any(self._wants(alert) for alert in crisis)

    def _wants(self, alert: Alert) -> bool:
        return (not self.kinds or alert.kind in self.kinds) and self._watches(alert.stream)

    def _watches(self, stream: Stream) -> bool:
        if not (self.topics or self.names or self.whole):
            return True
        if stream == Stream():
            return self.whole
        return stream.topic in self.topics or stream.target in self.names
