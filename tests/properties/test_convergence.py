"""What a customer becomes is a function of the set of events: not of their order, nor of how often each arrives."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.ingestion.intake import take_in
from support.builders import customer, instant, new_id, order, points
from support.collection import (
    collection,
    current_event_ids,
    freshness,
    held,
    ledger,
    moments,
    months,
    settled,
    timeline,
    totals,
    version,
)
from support.histories import LOYALTY, deliveries, histories
from support.oracle import Event, Oracle, sortable, version_of

pytestmark = pytest.mark.engine

HEADS = {
    "HEAD#METRICS": "orders",
    "HEAD#POINTS": "points",
    "HEAD#SUPPORT": "tickets",
    "HEAD#MARKETING": "messages",
    "HEAD#PAYMENTS": "payments",
    "HEAD#BEHAVIOUR": "behaviour",
    "CATEGORIES#": "categories",
}


def deliver(events: list[Event], customer_id: str) -> list[str]:
    """Takes a copy of the events in, as if they were of another customer."""
    return [take_in(event["type"], event | {"customerId": customer_id}).value for event in events]


def in_order(events: list[Event]) -> list[Event]:
    """The customer first, then every event when its source wrote it."""
    return sorted(events, key=lambda event: (event["type"] != "customer.upserted", version_of(event)))


def kept_ledger(expected: Oracle) -> dict[str, Any]:
    """The oracle's points in the words of the tables."""
    points = expected.ledger
    if not points.transactions:
        return {}
    last = points.transactions[-1]
    return {
        "lots": [[expires_at and sortable(expires_at), left] for expires_at, left in points.open],
        "debt": points.debt,
        "earned": int(expected.points.get("earned", 0)),
        "tierChanges": [[sortable(at), *change] for at, *change in points.tier_changes],
        "last": f"{sortable(last.at)}#{last.identifier}",
        "lapses": {sortable(at): left for at, left in points.lapses(last.at).items()},
    }


@settings(max_examples=250)
@given(data=st.data(), events=histories())
def test_any_order_with_duplicates_leaves_the_same_items_byte_for_byte(
    engine: str, data: Any, events: list[Event]
) -> None:
    assert_order_does_not_matter(data, events)


@settings(max_examples=150)
@given(data=st.data(), events=histories(most=14, among=LOYALTY))
def test_any_order_of_points_and_accounts_leaves_the_same_items_byte_for_byte(
    engine: str, data: Any, events: list[Event]
) -> None:
    assert_order_does_not_matter(data, events)


def assert_order_does_not_matter(data: Any, events: list[Event]) -> None:
    shuffled = data.draw(deliveries(events))
    plain_id, shuffled_id = new_id(), new_id()

    assert deliver(in_order(events), plain_id) == ["applied"] * len(events)
    deliver(shuffled, shuffled_id)

    plain, other = collection(plain_id), collection(shuffled_id)
    assert settled(other) == settled(plain)
    assert not held(other)


@settings(max_examples=200)
@given(data=st.data(), events=histories())
def test_what_is_kept_is_what_the_whole_set_of_events_says(engine: str, data: Any, events: list[Event]) -> None:
    assert_kept_is_what_is_said(data, events)


@settings(max_examples=150)
@given(data=st.data(), events=histories(most=14, among=LOYALTY))
def test_the_ledger_kept_is_what_the_whole_set_of_points_and_accounts_says(
    engine: str, data: Any, events: list[Event]
) -> None:
    assert_kept_is_what_is_said(data, events)


def assert_kept_is_what_is_said(data: Any, events: list[Event]) -> None:
    customer_id = new_id()
    deliver(data.draw(deliveries(events, most_duplicates=1)), customer_id)

    items, expected = collection(customer_id), Oracle(events)
    assert version(items) == expected.version
    assert current_event_ids(items) == expected.current_event_ids
    for head, name in HEADS.items():
        assert totals(items, head) == getattr(expected, name), name
    assert months(items) == expected.months
    assert moments(items) == expected.moments
    assert freshness(items) == expected.updated_at
    assert ledger(items) == kept_ledger(expected)

    shown = timeline(customer_id)
    assert sorted(shown, reverse=True) == expected.timeline
    assert [entry[:2] for entry in shown] == [entry[:2] for entry in expected.timeline]


def test_what_was_counted_and_no_longer_is_leaves_no_item(engine: str) -> None:
    with_category = order("c")
    without = order("c", status="cancelled", updatedAt=instant(1))
    first, in_order_id, reversed_id = customer("c"), new_id(), new_id()
    deliver([first, with_category, without], in_order_id)
    deliver([first, without, with_category], reversed_id)
    assert settled(collection(in_order_id)) == settled(collection(reversed_id))


def test_every_entry_of_the_timeline_has_an_id_of_its_own(engine: str) -> None:
    customer_id = new_id()
    events = [
        customer(customer_id),
        order(customer_id, event_id="e0"),
        order(customer_id, event_id="e1", status="shipped", total=Decimal("3.00"), updatedAt=instant(1)),
        points(customer_id, "p1", 5, event_id="e1.total"),
    ]
    deliver(events, customer_id)
    ids = [json.loads(item["summary"]["S"])["id"] for item in collection(customer_id).values() if "summary" in item]
    assert len(set(ids)) == len(ids)


def test_the_same_amount_written_otherwise_is_no_change(engine: str) -> None:
    customer_id = new_id()
    written = [Decimal("25.00"), Decimal(25), Decimal("25.0"), Decimal("2.5E+1")]
    orders = [order(customer_id, total=total, updatedAt=instant(day)) for day, total in enumerate(written)]
    deliver([customer(customer_id), *orders], customer_id)
    assert [entry.type for entry in timeline(customer_id)] == ["order", "account"]


def test_a_customer_may_be_as_large_as_an_event_may_be(engine: str) -> None:
    """Otherwise whichever version comes first stays."""
    long = dict.fromkeys(("line1", "line2", "city", "region", "country"), "x" * 200)
    lines = [{"id": f"a{n}"} | long for n in range(200)]
    customer_id = new_id()
    versions = [customer(customer_id, addresses=lines[day:], updatedAt=instant(day)) for day in range(2)]
    assert deliver(versions, customer_id) == ["applied", "applied"]


def test_an_absurd_price_put_right_leaves_the_sums_exact(engine: str) -> None:
    customer_id, most = new_id(), Decimal(999_999_999)
    absurd = {"name": "Tea", "category": "Drinks", "quantity": most, "unitPrice": Decimal("999999999999.999999")}
    rate: dict[str, Any] = {"currency": "USD", "exchangeRate": Decimal("999999.999999999999")}
    events = [
        customer(customer_id),
        order(customer_id, "o1", total=Decimal("0.01")),
        order(customer_id, "o2", lines=[absurd], **rate),
        order(customer_id, "o2", lines=[], updatedAt=instant(1), **rate),
    ]
    deliver(events, customer_id)
    assert totals(collection(customer_id), "CATEGORIES#") == Oracle(events).categories
