from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from halvorsen import RAISED

from alerts.dispatch import SCHEDULE, after_attempt, delivery_id, outbox
from alerts.errors import DeliveryError
from alerts.types import Alert, Delivery

_TEMPORARY = DeliveryError("desk answered 500")


def _wait(delivery: Delivery, error: DeliveryError, seed: int = 0) -> float:
    return (
        after_attempt(delivery, error, RAISED, random.Random(seed)).due_at - RAISED
    ).total_seconds()


def test_an_alert_makes_one_delivery_a_receiver_due_at_once(alert: Alert) -> None:
    desk, phone = outbox(alert, "firing", ["desk", "phone", "desk"], RAISED)
    assert (desk.receiver, phone.receiver) == ("desk", "phone")
    assert desk.state == "pending"
    assert desk.due_at == desk.created_at == RAISED
    assert desk.attempts == 0


def test_an_outbox_made_again_has_the_same_ids(alert: Alert) -> None:
    later = RAISED + timedelta(minutes=5)
    first, second = (outbox(alert, "firing", ["desk"], at)[0] for at in (RAISED, later))
    assert first.id == second.id


def test_ids_differ_by_alert_receiver_and_announcement() -> None:
    ids = {
        delivery_id(alert, receiver, announcement)
        for alert in ("a", "b")
        for receiver in ("desk", "phone")
        for announcement in ("firing", "resolved")
    }
    assert len(ids) == 8
    assert all(one.startswith("msg_") and one[4:].isalnum() and "." not in one for one in ids)


def test_a_child_is_told_inside_its_parent_and_not_by_itself(child: Alert) -> None:
    assert outbox(child, "firing", ["desk"], RAISED) == ()


def test_success_is_final_and_clears_the_error(delivery: Delivery) -> None:
    failed = replace(delivery, attempts=2, last_error="desk answered 500")
    done = after_attempt(failed, None, RAISED, random.Random(0))
    assert (done.state, done.attempts, done.last_error) == ("sent", 3, "")


def test_a_permanent_refusal_is_dead_at_once(delivery: Delivery) -> None:
    done = after_attempt(delivery, DeliveryError("410", permanent=True), RAISED, random.Random(0))
    assert (done.state, done.attempts, done.last_error) == ("dead", 1, "410")


def test_attempts_spread_over_three_days_and_then_the_delivery_is_dead(delivery: Delivery) -> None:
    rng, now, waits = random.Random(1), RAISED, []
    while delivery.state == "pending":
        delivery = after_attempt(delivery, _TEMPORARY, now, rng)
        waits.append((delivery.due_at - now).total_seconds())
        now = max(now, delivery.due_at)
    assert delivery.attempts == len(SCHEDULE) == 12
    for wait, planned in zip(waits, SCHEDULE[1:], strict=False):
        assert planned <= wait <= planned * 1.1
    assert timedelta(days=3) < now - RAISED < timedelta(days=4)
    assert delivery.last_error == "desk answered 500"


def test_waits_are_jittered_so_that_receivers_are_not_struck_in_step(delivery: Delivery) -> None:
    assert len({_wait(delivery, _TEMPORARY, seed) for seed in range(20)}) == 20


@pytest.mark.parametrize(
    ("attempts", "asked", "least", "most"),
    [(0, 600.0, 600, 660), (7, 1.0, 18_000 * 2, 18_000 * 2.2), (0, 1e12, 86_400, 95_040)],
    ids=["longer than the schedule", "shorter than the schedule", "absurd"],
)
def test_retry_after_lengthens_the_wait_but_never_burns_attempts(
    delivery: Delivery, attempts: int, asked: float, least: float, most: float
) -> None:
    tried = replace(delivery, attempts=attempts)
    assert least <= _wait(tried, DeliveryError("429", retry_after=asked)) <= most


def test_the_last_error_is_one_short_line(delivery: Delivery) -> None:
    done = after_attempt(delivery, DeliveryError("a\nb" * 900), RAISED, random.Random(0))
    assert len(done.last_error) <= 300
    assert "\n" not in done.last_error
