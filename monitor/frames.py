"""Back-tests with pandas: a frame of headlines in, frames of bins and of alerts out.

>>> from monitor.frames import replay_frame                       # doctest: +SKIP
>>> from monitor.replay import Plan
>>> from policy.opening import open_policy
>>> found = replay_frame(headlines, open_policy(), Plan(topics=TOPICS))
>>> found.bins.query("log_evidence > 5"), found.alerts[["at", "topic", "share"]]

Columns of a frame of headlines: `ts` and `title`, and where known `source, url, entity, summary,
precision`, as in the lines of an archive. `ts` holds texts or times; without a zone they are UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from alerts.types import Alert, Evidence
from monitor.archive import Entry, entry_of
from monitor.replay import Plan, Progress, Replayed, play
from monitor.replay_report import moment
from policy.errors import DataError
from policy.types import Policy

BINS = ("topic", "target", "start", "stories", "negatives", "baseline", "log_evidence", "gain")
ALERTS = (
    *("id", "parent", "at", "topic", "target", "kind", "severity", "onset", "resolved_at"),
    *("log_evidence", "stories", "negatives", "baseline", "share", "headlines"),
)


@dataclass(frozen=True, slots=True)
class Frames:
    """What a back-test found.

    `bins`: a row for every bin and stream with stories: topic and target ("" and "" for all
    news), start, stories, negatives, baseline (the share tested against, 0–1), log_evidence
    (ln M after the bin), gain (nats that the bin alone brought).
    `alerts`: a row an alert, children too (`parent` names theirs); `headlines` is a list, first
    those that contributed most. Times are UTC.
    """

    bins: pd.DataFrame
    alerts: pd.DataFrame
    document: dict[str, Any]  # as `downdraft replay --json` prints it


def replay_frame(
    headlines: pd.DataFrame, policy: Policy, plan: Plan, progress: Progress | None = None
) -> Frames:
    """Back-test a frame. Raises DataError, naming the row, for headlines that cannot serve."""
    return frames_of(play(entries_of(headlines), policy, plan, progress))


def frames_of(replayed: Replayed) -> Frames:
    """The same of a back-test that has been made."""
    judgement, width = replayed.judgement, replayed.config.bin
    alerts = [
        _alert(alert) | {"at": moment(alert, width)}
        for alert in sorted(judgement.alerts, key=lambda alert: alert.raised_at)
    ]
    return Frames(
        bins=_frame([_bin(one) for one in judgement.evidence], BINS, ("start",)),
        alerts=_frame(alerts, ALERTS, ("at", "onset", "resolved_at")),
        document=replayed.document,
    )


def entries_of(headlines: pd.DataFrame) -> list[Entry]:
    """The headlines of a frame. Times that are all at midnight are days, as pandas reads them."""
    if missing := {"ts", "title"} - set(headlines.columns):
        raise DataError(f"frame: column {', '.join(sorted(missing))} is missing")
    rows = headlines.assign(ts=_written(headlines["ts"])).to_dict("records")
    return [entry_of(_known(row), f"frame, row {number}") for number, row in enumerate(rows)]


def _written(ts: pd.Series[Any]) -> pd.Series[Any]:
    """Times as the lines of an archive write them."""
    if not isinstance(ts.dtype, pd.DatetimeTZDtype) and ts.dtype.kind != "M":
        return ts
    utc = ts.dt.tz_localize("UTC") if ts.dt.tz is None else ts.dt.tz_convert("UTC")
    days = (utc == utc.dt.normalize()).all()
    written: pd.Series[Any] = utc.dt.strftime("%Y-%m-%d" if days else "%Y-%m-%dT%H:%M:%S.%fZ")
    return written


def _known(row: dict[Any, Any]) -> dict[Any, Any]:
    """Without the holes that pandas leaves where nothing is known."""
    return {name: value for name, value in row.items() if isinstance(value, (str, list, tuple))}


def _bin(one: Evidence) -> dict[str, Any]:
    stream = {"topic": one.stream.topic, "target": one.stream.target}
    return stream | {name: getattr(one, name) for name in BINS[2:]}


def _alert(alert: Alert) -> dict[str, Any]:
    same = ("id", "parent", "kind", "severity", "onset", "resolved_at", "baseline", "share")
    return {name: getattr(alert, name) for name in same} | {
        "topic": alert.stream.topic,
        "target": alert.stream.target,
        "log_evidence": alert.evidence.log_evidence,
        "stories": alert.stories_since_onset,
        "negatives": alert.negatives_since_onset,
        "headlines": [story.title for story in alert.stories],
    }


def _frame(
    rows: Sequence[dict[str, Any]], columns: Sequence[str], times: Iterable[str]
) -> pd.DataFrame:
    """With its columns, and times as times, where there are no rows too."""
    frame = pd.DataFrame(rows, columns=list(columns))
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in times})
