"""Old stores brought up to date, with rows in them; on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError

from monitor.store import tables_intake, tables_learning  # noqa: F401
from monitor.store.engine import MIGRATIONS, open_store
from monitor.store.tables import label, metadata

MOMENT = "2031-03-04 12:00:00"
CHANCES = {  # by target, with the label chosen and whether it is to be counted
    "": ("negative", [0.8, 0.15, 0.05], True),
    "chosen out of caution": ("negative", [0.4, 0.45, 0.15], False),
    "chosen against belief": ("neutral", [0.45, 0.4, 0.15], True),
    "positive": ("positive", [0.1, 0.2, 0.7], False),
    "a tie": ("negative", [0.4, 0.4, 0.2], True),
    "tiny": ("neutral", [1e-09, 0.999999998, 1e-09], False),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.db'}"
    return str(request.getfixturevalue("postgresql_database"))


def write_old_store(url: str) -> None:
    """A store as the first version left it: one article, and a label for each of CHANCES."""
    engine = sa.create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0001")
        tx.execute(
            sa.text(
                "insert into feed (id, url, name, origin, interval_s, source, removed, fetch_url,"
                " etag, last_modified, body_hash, format, state, failures, last_error, due_at,"
                " claimed_until) values (1, 'u', 'n', 'o', 300, 'config', false, 'u', '', '', '',"
                " '', 'ok', 0, '', :at, :at)"
            ),
            {"at": MOMENT},
        )
        tx.execute(sa.text("insert into story values (1, 't', :at)"), {"at": MOMENT})
        tx.execute(
            sa.text(
                "insert into article (id, feed_id, guid_hash, guid, url, title, summary,"
                " published_raw, first_seen_at, language, story_id, origin, claimed_until) values"
                " (1, 1, 'h', 'g', 'u', 't', '', '', :at, '', 1, 'o', :at)"
            ),
            {"at": MOMENT},
        )
        tx.execute(
            sa.text(
                "insert into label values (1, :target, 1, 'Macro', :chosen, '[]', :chances, 'ck',"
                " 'cpu', :at, :at, true, null)"
            ),
            [
                {"target": target, "chosen": chosen, "chances": json.dumps(chances), "at": MOMENT}
                for target, (chosen, chances, _) in CHANCES.items()
            ],
        )
    engine.dispose()


def test_labels_of_the_first_version_are_counted_by_their_probabilities(url: str) -> None:
    write_old_store(url)
    for _ in range(2):  # the second time nothing is left to do
        with closing(open_store(url)) as store, store.read() as tx:
            rows = tx.execute(
                sa.select(
                    label.c.target,
                    label.c.sentiment,
                    label.c.sentiment_probabilities,
                    label.c.negative,
                )
            )
            assert {target: tuple(row) for target, *row in rows} == CHANCES


def test_a_daemon_of_the_first_version_cannot_write_a_label_uncounted(url: str) -> None:
    write_old_store(url)
    row = "1, 'new', 1, 'Macro', 'negative', '[]', '[1, 0, 0]', 'ck', 'cpu', :at, :at, true"
    statement = sa.text(
        "insert into label (article_id, target, story_id, topic, sentiment, topic_probabilities,"
        " sentiment_probabilities, checkpoint, tier, labelled_at, first_seen_at, lead)"
        f" values ({row})"
    )
    with (
        closing(open_store(url)) as store,
        pytest.raises(IntegrityError, match=r"(?i)not.null"),
        store.write() as tx,
    ):
        tx.execute(statement, {"at": MOMENT})


def test_the_migrations_make_the_tables_that_the_code_declares(url: str) -> None:
    write_old_store(url)
    with closing(open_store(url)) as store, store.read() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def test_shadow_labels_of_the_version_before_count_as_positive_by_what_was_chosen(url: str) -> None:
    engine = sa.create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0005")
        tx.execute(
            sa.text("insert into shadow_label values ('ck', :id, '', 'Macro', :chosen, :negative)"),
            [
                {"id": 1, "chosen": "positive", "negative": False},
                {"id": 2, "chosen": "neutral", "negative": False},
                {"id": 3, "chosen": "positive", "negative": True},
            ],
        )
    engine.dispose()
    with closing(open_store(url)) as store, store.read() as tx:
        query = sa.select(tables_learning.shadow_label.c.article_id).where(
            tables_learning.shadow_label.c.positive
        )
        assert tx.execute(query).scalars().all() == [1]
