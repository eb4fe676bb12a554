"""check --what-if."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from alerts.types import Stream
from alerts.wording import counted, one_line, place
from monitor.cli.opening import existing_store
from monitor.cli.options import say, say_json
from monitor.cli.progress import bars
from monitor.config import Settings, load_settings
from monitor.errors import ConfigError
from monitor.events import RUN_IN
from monitor.what_if import what_if

_HEADLINES = 3


def answer(present: Settings, file: Path, json_output: bool) -> None:
    """Prints what the configuration in `file` would have done with the store's last 90 days.

    Raises ConfigError, StoreError and DataError.
    """
    if not file.exists():
        raise ConfigError(f"--what-if {file}: no such file; give it a changed configuration")
    changed = load_settings(file)
    with existing_store(present) as store, bars() as show:
        document = what_if(store, present, changed, show)
    if json_output:
        say_json(document)
        return
    for line in _lines(document):
        say(line)


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    changed, present = document["changed"], document["present"]
    if document["changes"]:
        yield from (f"change: {line}" for line in document["changes"])
    else:
        yield "change: none that the detector is told of"
    times = counted(changed["fired"], "time")
    days = f"{document['days']:.0f} days"
    end = ": these" if changed["fired"] else ""
    yield f"would have fired {times} in the last {days} ({present['fired']} at present){end}"
    yield from (line for alert in changed["alerts"] for line in _alert_lines(alert))
    gone = [alert for alert in present["alerts"] if not alert["kept"]]
    if gone:
        yield f"no longer: {counted(len(gone), 'alert')} that fire at present"
        yield from (line for alert in gone for line in _alert_lines(alert))
    yield from _judged(document)
    yield from _limits(document)


def _alert_lines(alert: Mapping[str, Any]) -> Iterator[str]:
    where = place(Stream(alert["topic"], alert["target"]))
    new = "" if alert.get("at_present", True) else "  new"
    inside = f", {len(alert['children'])} inside" if alert["children"] else ""
    stories = counted(alert["stories"], "story", "stories")
    if alert["kind"] == "negative_share":
        what = f"share {alert['share']:.0%} against {alert['baseline']:.0%}, {stories}"
    else:
        what = f"{alert['kind'].replace('_', ' ')}, {alert['negatives']} of {stories} negative"
    yield f"  {alert['at']}  {where}: {what}{inside}{new}"
    yield from (f"      {one_line(title, 120)}" for title in alert["headlines"][:_HEADLINES])


def _judged(document: Mapping[str, Any]) -> Iterator[str]:
    """What analysts hold of the alerts on the same news that were raised."""
    for word, which in (("present", "at present"), ("changed", "as it would be")):
        judged = document[word]["judged"]
        if judged["judged"]:
            yield (
                f"analysts, {which}: {judged['judged']} of {counted(judged['alerts'], 'alert')}"
                f" judged, {judged['worth_telling']} worth telling ({judged['share']:.0%})"
            )


def _limits(document: Mapping[str, Any]) -> Iterator[str]:
    """What the answer cannot know."""
    for name in document["unknowable"]:
        yield (
            f"cannot be known: {name} was never labelled as a target; watch it for a while, "
            "then ask again"
        )
    if document["run_in_days"] < RUN_IN.days:
        yield (
            f"note: the detector had {document['run_in_days']:.0f} days to learn before these "
            f"{document['days']:.0f}; with less than {RUN_IN.days} it is cautious at first"
        )
