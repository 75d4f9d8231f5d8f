"""Many writers of one customer at once: as if they had come one after the other, each exactly once."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest

from customer360.errors import Contended
from customer360.ingestion.intake import take_in
from support.builders import customer, instant, message, new_id, order, points, session, ticket
from support.collection import collection, current_event_ids, held, moments, timeline, totals, version
from support.oracle import Event, Oracle

pytestmark = pytest.mark.engine


def deliver(event: Event) -> str:
    """As the queue does: again, for as long as the customer is too busy."""
    while True:
        try:
            return take_in(event["type"], event).value
        except Contended:
            continue


def in_parallel(events: Sequence[Event]) -> list[str]:
    """Every event from a thread of its own, all let go at once."""
    start = Barrier(len(events))

    def writer(event: Event) -> str:
        start.wait()
        return deliver(event)

    with ThreadPoolExecutor(len(events)) as threads:
        return list(threads.map(writer, events))


def assert_is_what_the_events_say(customer_id: str, events: Sequence[Event]) -> None:
    items, expected = collection(customer_id), Oracle(events)
    assert not held(items)
    assert version(items) == expected.version
    assert current_event_ids(items) == expected.current_event_ids
    assert totals(items, "HEAD#METRICS") == expected.orders
    assert totals(items, "HEAD#POINTS") == expected.points
    assert totals(items, "HEAD#SUPPORT") == expected.tickets
    assert totals(items, "HEAD#BEHAVIOUR") == expected.behaviour
    assert totals(items, "CATEGORIES#") == expected.categories
    assert moments(items) == expected.moments
    assert sorted(timeline(customer_id), reverse=True) == expected.timeline


def test_fifty_writers_of_different_orders_and_points_all_count_once(engine: str) -> None:
    customer_id = new_id()
    first = customer(customer_id)
    assert deliver(first) == "applied"
    events = [
        event
        for number in range(25)
        for event in (
            order(customer_id, f"o{number}", total=Decimal("0.10"), placedAt=instant(number // 3)),
            points(customer_id, f"p{number}", number + 1),
        )
    ]
    assert in_parallel(events) == ["applied"] * 50
    assert_is_what_the_events_say(customer_id, [first, *events])
    assert totals(collection(customer_id), "HEAD#METRICS")["lifetimeValue"] == Decimal("2.50")


@pytest.mark.parametrize("is_known", [True, False], ids=["customer known", "customer comes later"])
def test_writers_of_versions_of_one_order_agree_on_the_latest(engine: str, is_known: bool) -> None:
    customer_id = new_id()
    first = customer(customer_id)
    statuses = ["pending", "completed", "cancelled", "delivered", "refunded"]
    versions = [
        order(
            customer_id,
            event_id=new_id("e"),
            status=statuses[number % 5],
            total=Decimal(number),
            placedAt=instant(number % 4),
            updatedAt=instant(number // 2),  # every instant twice: the greater eventId wins
        )
        for number in range(20)
    ]
    if is_known:
        deliver(first)
    assert in_parallel(versions) == ["applied" if is_known else "held"] * 20
    deliver(first)
    assert_is_what_the_events_say(customer_id, [first, *versions])


def test_duplicates_at_once_are_applied_once(engine: str) -> None:
    customer_id = new_id()
    first, event = customer(customer_id), order(customer_id)
    assert Counter(in_parallel([first] * 10)) == {"applied": 1, "unchanged": 9}
    assert Counter(in_parallel([event] * 20)) == {"applied": 1, "unchanged": 19}
    assert_is_what_the_events_say(customer_id, [first, event])


def test_duplicates_at_once_before_their_customer_are_applied_once(engine: str) -> None:
    customer_id = new_id()
    first, event = customer(customer_id), order(customer_id)
    assert set(in_parallel([event] * 10)) <= {"held", "unchanged"}
    assert Counter(in_parallel([first] * 5)) == {"applied": 1, "unchanged": 4}
    assert deliver(event) == "unchanged"
    assert_is_what_the_events_say(customer_id, [first, event])


@pytest.mark.parametrize("attempt", range(5))
def test_a_customer_racing_with_their_own_events_leaves_none_held(engine: str, attempt: int) -> None:
    customer_id = new_id()
    events = [
        event
        for number in range(4)
        for event in (
            order(customer_id, f"o{number % 2}", updatedAt=instant(number), total=Decimal(number + 1)),
            points(customer_id, f"p{number}", 10),
            ticket(customer_id, f"t{number}", priority="low"),
            session(customer_id, f"s{number}"),
            message(customer_id, f"m{number}"),
        )
    ]
    first = customer(customer_id)
    position = attempt * len(events) // 4  # the customer's thread starts first, last and in between
    outcomes = in_parallel([*events[:position], first, *events[position:]])
    assert outcomes[position] == "applied"
    assert set(outcomes) <= {"applied", "held"}
    assert_is_what_the_events_say(customer_id, [first, *events])
