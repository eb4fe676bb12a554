"""What analysts audited moves the share that an alert shows, and the step to another checkpoint."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path

import pytest
from audit_rows import add_news, counted, say
from review_rows import CHAMPION, NOW
from sqlalchemy import Connection

from alerts.quantify import Confusion, Corrected, corrected
from alerts.rebase import Change
from alerts.types import Alert, Budget, Evidence, Kind, Stream
from monitor.config import Settings
from monitor.label_errors import ENOUGH, confusion, corrected_share, with_errors
from monitor.store import learning
from monitor.store.engine import Store
from monitor.store.learning import KnownCheckpoint
from monitor.store.tables import label
from policy.manifest import SHIPPED, describe
from policy.types import SENTIMENTS

NEGATIVE, NEUTRAL, POSITIVE = SENTIMENTS
SHIPPED_ID = describe(SHIPPED).id


def share(
    tx: Connection,
    checkpoint: str = SHIPPED_ID,
    kind: Kind = "negative_share",
    stream: Stream = Stream("Oil"),  # noqa: B008
) -> Corrected | None:
    """Without label errors, of an alert with 40 of 100 stories."""
    evidence = Evidence(stream, NOW, timedelta(hours=1), 9, 8, 0.2, 9.1, 2.0)
    told = Alert(
        "a1", stream, kind, "warning", "firing", NOW, NOW, evidence, 100, 40, 0.2, (),
        checkpoint, Budget(1.0, 29, math.exp(9), 168.0),
    )  # fmt: skip
    return corrected_share(tx, Settings(), told)


def news(tx: Connection, stories: int, checkpoint: str) -> None:
    add_news(tx, stories, targets=("Orsk",))
    tx.execute(label.update().values(checkpoint=checkpoint))


def audit(tx: Connection, upto: int, checkpoint: str, target: str = "") -> None:
    """Half of what was counted negative is neutral; the rest is as it was counted."""
    for story in range(1, upto + 1):
        truth = NEUTRAL if story % 6 == 0 else counted(story)
        say(tx, story, truth, checkpoint=checkpoint, target=target)


def test_the_share_moves_from_what_the_manifest_says_to_what_the_audits_say(store: Store) -> None:
    found = []
    with store.write() as tx:
        news(tx, 600, SHIPPED_ID)
        found.append(share(tx))
    for first, last in ((1, 60), (61, 600)):
        with store.write() as tx:
            for story in range(first, last + 1):
                truth = NEUTRAL if story % 6 == 0 else counted(story)
                say(tx, story, truth, checkpoint=SHIPPED_ID)
            found.append(share(tx))
    unaudited, few, many = (one for one in found if one)
    audits_alone = corrected(40, 100, Confusion(((100, 0, 0), (100, 200, 0), (0, 0, 200))))
    assert unaudited.share > few.share > many.share > audits_alone.share
    way = unaudited.share - audits_alone.share
    assert many.share - audits_alone.share < 0.2 * way  # 600 audits, and a manifest worth 100
    assert unaudited.share == pytest.approx(0.473, abs=0.02)  # of the manifest, as ever
    assert many.high - many.low < unaudited.high - unaudited.low


def test_audits_of_headlines_say_nothing_of_names_and_both_tell_of_positive_shares_too(
    sqlite_store: Store,
) -> None:
    orsk = Stream(target="Orsk")
    with sqlite_store.write() as tx:
        news(tx, 120, SHIPPED_ID)
        before, good = share(tx, stream=orsk), share(tx, kind="positive_share")
        audit(tx, 120, SHIPPED_ID)
        assert share(tx, stream=orsk) == before
        assert share(tx, kind="positive_share") != good
        assert share(tx, kind="positive_share") != share(tx)
        for story in range(3, 120, 6):
            say(tx, story, POSITIVE, "bert", checkpoint=SHIPPED_ID, target="Orsk")
        assert share(tx, stream=orsk) != before


def test_a_checkpoint_that_learned_from_verdicts_errs_like_its_teacher_until_it_is_audited(
    sqlite_store: Store,
) -> None:
    pupil = KnownCheckpoint("pupil", "/nowhere", SHIPPED_ID, "value", {"kl": {"both": 0.04}}, NOW)
    with sqlite_store.write() as tx:
        news(tx, 120, "pupil")
        assert share(tx, "pupil") is None
        learning.add_checkpoint(tx, pupil)
        assert share(tx, "pupil") == share(tx) is not None
        audit(tx, 120, "pupil")
        pupils, teachers = share(tx, "pupil"), share(tx)
    assert pupils is not None
    assert teachers is not None
    assert pupils.share < teachers.share - 0.05


def test_a_checkpoint_of_which_no_manifest_is_left_is_known_by_enough_audits(
    sqlite_store: Store,
) -> None:
    with sqlite_store.write() as tx:
        news(tx, 120, CHAMPION)
        audit(tx, ENOUGH - 1, CHAMPION)
        assert share(tx, CHAMPION) is None
        say(tx, ENOUGH, counted(ENOUGH))
        assert share(tx, CHAMPION) is not None


def test_a_step_between_checkpoints_is_told_what_was_audited_of_each(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with sqlite_store.write() as tx:
        news(tx, 240, CHAMPION)
        audit(tx, 240, CHAMPION)
        step = with_errors(tx, Settings(), Change(), CHAMPION, SHIPPED_ID)
    assert step.headlines is not None
    assert step.targets is None  # nobody knows how the old one erred there
    assert step.headlines.before.found == pytest.approx((40, 40, 40, 200), abs=1)
    told = confusion(describe(SHIPPED).metrics, "sentiment")
    assert told is not None
    after = step.headlines.after
    assert sum(map(sum, after.counts)) == pytest.approx(100)  # worth so many, in the same parts
    assert after.rates[:2] == pytest.approx(told.rates[:2], abs=0.02)
