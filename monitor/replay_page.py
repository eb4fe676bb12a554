"""A back-test as one HTML file: no network, no script, legible in light, in dark and on paper."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from markupsafe import Markup

from alerts import wording
from monitor import replay_charts
from monitor.errors import DataError
from monitor.replay import Replayed
from monitor.replay_pictures import Pictures
from monitor.replay_report import DAY, HEADLINES
from monitor.web.templating import templates

_STYLES = Path(__file__).parent / "web" / "static"  # the console's: one palette, one set of parts


def refuse_unwritable(path: Path) -> None:
    """Before the work rather than after it. Raises DataError, one line."""
    device = path.exists() and not path.is_file()
    needed = ([path] if path.exists() else []) + ([] if device else [path.parent])
    if path.is_dir() or not all(os.access(each, os.W_OK) for each in needed):
        raise DataError(f"{path}: cannot be written; give a file in a folder that is there")


def page(replayed: Replayed, name: str) -> str:
    """The whole document."""
    config = replayed.config
    shown: dict[str, Any] = {
        "name": name,
        "replayed": replayed,
        "document": replayed.document,
        "style": Markup("".join(_read(each) for each in ("page.css", "panels.css"))),
        "bin_name": span(config.bin),
        "dates": "%-d %b %Y" if config.bin >= DAY else "%-d %b %Y %H:%M",
        "pictures": Pictures(replayed),
        "most_headlines": HEADLINES,
        "geometry": replay_charts,
    }
    environment = templates()
    environment.filters["span"] = span
    return environment.get_template("replay.html").render(**shown)


def span(length: timedelta) -> str:
    """`1 hour`, `30 min`, `7 days`: the figure that tells most."""
    if length >= DAY:
        return wording.counted(round(length / DAY), "day")
    hours = length / timedelta(hours=1)
    return f"{60 * hours:.0f} min" if hours < 1 else wording.counted(round(hours), "hour")


def _read(name: str) -> str:
    return (_STYLES / name).read_text(encoding="utf-8")
