"""From the log of alert verdicts to what they ask of the next alarms.

What becomes of a reason: every rejection but "known" counts against the stream's bar, so also
"immaterial" (a bar of δ is the stream's part of the budget times e^{−δ}) and "duplicate", of
which the log is the record for whoever tunes near-copies. "known" holds the alert's stories, and
them alone, from starting another alert for a week, unless someone else confirmed the alert; they
have been told already, so one voice is enough. "wrong topic" and "wrong sentiment" moreover put
the foremost headlines into the review queue (monitor.store.alert_verdicts.asked).

Answers from a mail's link raise no bar: who reads the mail is not known, and may have a voice of
their own at the console. Nor does a child's bar move by what was said of its parent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.feedback import MEMORY, Heard, raises
from alerts.types import Alert, Bars
from monitor.store import alert_verdicts, alerts
from monitor.store.alert_verdicts import MAIL, AlertVerdict
from monitor.store.engine import Transaction

KNOWN_FOR = timedelta(days=7)
_SHARES = ("negative_share", "positive_share")


def bars(tx: Transaction, now: datetime) -> Bars:
    """What the verdicts until now ask for."""
    said = alert_verdicts.since(tx, now - MEMORY)
    if not said:
        return Bars()
    about = {alert.id: alert for alert in alerts.some(tx, {one.alert_id for one in said})}
    return Bars(raises(list(_heard(tx, said, about)), now), _known(said, about, now))


def _heard(
    tx: Transaction, said: Sequence[AlertVerdict], about: Mapping[str, Alert]
) -> Iterator[Heard]:
    peaks = alert_verdicts.strongest(tx, about.keys())
    for one in said:
        alert = about.get(one.alert_id)  # None: a near-miss, or no longer kept
        named = not one.analyst.startswith(MAIL)
        if alert and alert.kind in _SHARES and named and one.reason != "known":
            yield _of_alert(one, alert, max(alert.evidence.log_evidence, peaks.get(alert.id, 0.0)))


def _of_alert(one: AlertVerdict, alert: Alert, peak: float) -> Heard:
    origins = {origin for story in alert.stories for origin in story.origins}
    return Heard(
        episode=alert.id,
        kind=alert.kind,
        stream=alert.stream,
        margin=peak - math.log(alert.budget.threshold),
        stories=alert.stories_since_onset,
        origins=len(origins),
        real=one.answer == "confirm",
        analyst=one.analyst,
        at=one.at,
    )


def _known(
    said: Sequence[AlertVerdict], about: Mapping[str, Alert], now: datetime
) -> frozenset[int]:
    confirmed = {one.alert_id for one in said if one.answer == "confirm"}
    named = {
        one.alert_id for one in said if one.reason == "known" and now - one.at < KNOWN_FOR
    } - confirmed
    return frozenset(story.id for each in named & about.keys() for story in about[each].stories)
