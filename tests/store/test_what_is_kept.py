"""What is kept: through pruning, of each job's last runs, and of the bins a tally adds up."""

from __future__ import annotations

from datetime import datetime

from store_rows import HOUR, a_delivery, add_feed, an_alert, item, label_all

from alerts.types import Evidence, Stream
from monitor.store import alerts, articles, bins, labels, retention, runs
from monitor.store.engine import Store


def test_pruning_removes_old_articles_and_keeps_alerts_and_what_is_owed(
    store: Store, noon: datetime
) -> None:
    feed = add_feed(store, noon)
    with store.write() as tx:
        articles.add_items(tx, feed, "T", [item("Old news of the harbour")], noon)
        alerts.open_new(tx, an_alert(noon), [a_delivery(noon)])
    label_all(store, noon)
    with store.write() as tx:
        articles.add_items(tx, feed, "T", [item("Unlabelled yet")], noon)
        assert retention.remove_before(tx, noon + HOUR, 100) == 1
        assert retention.remove_before(tx, noon + HOUR, 100) == 0
        assert labels.backlog(tx) == 1
        assert alerts.get(tx, "a1") is not None


def test_a_job_keeps_its_last_success_beside_its_last_error(store: Store, noon: datetime) -> None:
    with store.write() as tx:
        runs.succeeded(tx, "poll", noon)
        runs.failed(tx, "poll", "KeyError: x", noon + HOUR)
        (run,) = runs.latest(tx)
    assert (run.last_success_at, run.last_error_at) == (noon, noon + HOUR)


def test_a_tally_adds_up_the_bins_of_one_stream_and_span(store: Store, noon: datetime) -> None:
    def judged(stream: Stream, start: datetime, stories: int, negatives: int) -> Evidence:
        return Evidence(stream, start, HOUR, stories, negatives, 0.2, 1.0, 0.5)

    macro = Stream("Macro")
    with store.write() as tx:
        bins.keep(
            tx,
            [judged(macro, noon + i * HOUR, 5, i) for i in range(4)]
            + [judged(Stream(), noon + HOUR, 9, 9)],
        )
        bins.keep(tx, [judged(macro, noon + HOUR, 7, 2)])  # the open bin again
        assert bins.tally(tx, macro, noon + HOUR, noon + 3 * HOUR) == (4, 12)
