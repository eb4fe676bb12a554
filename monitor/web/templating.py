"""The templates of the pages we write, the console's and a back-test's: one set of filters."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from alerts import wording
from alerts.owners import told_apart
from alerts.payload import outlets
from monitor.web import drawing


def templates() -> Environment:
    """A fresh environment over monitor/web/templates: whoever takes one may add to it."""
    environment = Environment(
        loader=PackageLoader("monitor.web", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "line": wording.one_line,
        "link": wording.safe_link,
        "place": wording.place,
        "where": wording.where,
        "tally": wording.tally,
        "counted_for": wording.sentiment,
        "would_be_usual": wording.usual,
        "caveat": wording.caveat,
        "moment": wording.day_and_time,
        "rfc3339": wording.rfc3339,
        "outlets": outlets,
        "told_apart": told_apart,
        "percent": drawing.percent,
        "duration": drawing.duration,
        "clock_time": drawing.clock_time,
        "spark": drawing.spark,
        "spark_y": drawing.spark_y,
    }
    return environment
