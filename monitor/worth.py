"""Which alerts were worth telling, as analysts say: the share by which alarms earn their noise.

Worth telling: of those whose answer holds, more confirm the alert than dismiss it. One that nobody
has judged is in no share.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.lifecycle import stories_of
from alerts.types import Alert
from monitor.store import alert_verdicts, alerts, standings
from monitor.store.alert_verdicts import AlertVerdict
from monitor.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class Worth:
    """Of some parent alerts."""

    alerts: int
    judged: int
    worth: int

    @property
    def share(self) -> float | None:
        """None where nobody has judged any."""
        return self.worth / self.judged if self.judged else None

    def document(self) -> dict[str, Any]:
        share = None if self.share is None else round(self.share, 4)
        counted = {"alerts": self.alerts, "judged": self.judged, "worth_telling": self.worth}
        return counted | {"share": share}


@dataclass(frozen=True, slots=True)
class Opinion:
    """What analysts hold of one alert that was raised."""

    stories: frozenset[int]
    worth: bool


def worth_telling(tx: Transaction, since: datetime) -> Worth:
    """Of the parent alerts raised since then."""
    raised = alerts.raised(tx, since)
    held = _held(tx, raised)
    return Worth(len(raised), len(held), sum(held.values()))


def opinions(tx: Transaction, since: datetime) -> list[Opinion]:
    """On the parent alerts raised since then that were judged, by the stories that they told of."""
    held = _held(tx, alerts.raised(tx, since))
    return [Opinion(stories_of([one]), held[one.id]) for one in alerts.some(tx, held)]


def of_fired(fired: Sequence[Alert], known: Collection[Opinion]) -> Worth:
    """Of alerts that would be raised: each as one that was raised and told of a common story."""
    parents = [alert for alert in fired if alert.parent is None]
    judged = [
        some
        for parent in parents
        if (some := [one.worth for one in known if one.stories & told_by(parent, fired)])
    ]
    return Worth(len(parents), len(judged), sum(any(some) for some in judged))


def told_by(parent: Alert, fired: Sequence[Alert]) -> frozenset[int]:
    """Ids of the stories of a parent alert and of those inside it."""
    return stories_of(one for one in fired if parent.id in (one.id, one.parent))


def _held(tx: Transaction, ids: Collection[str]) -> dict[str, bool]:
    """Of the judged ones whether they were worth telling; those who answer falsely say nothing."""
    liars = {one.analyst for one in standings.adversaries(tx)}
    said = alert_verdicts.of_each(tx, ids)
    heard = {id_: [one for one in said[id_] if one.analyst not in liars] for id_ in ids}
    return {id_: _is_worth(some) for id_, some in heard.items() if some}


def _is_worth(said: Sequence[AlertVerdict]) -> bool:
    return 2 * sum(one.answer == "confirm" for one in said) > len(said)
