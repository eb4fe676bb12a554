"""How much there is."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.store.tables import article, story


def articles_and_stories(tx: sa.Connection) -> tuple[int, int]:
    count = sa.func.count()
    articles = tx.execute(sa.select(count).select_from(article)).scalar_one()
    return int(articles), int(tx.execute(sa.select(count).select_from(story)).scalar_one())
