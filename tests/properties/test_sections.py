"""What the sections of the page say is what the whole set of events says, through the real functions."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.ingestion.intake import take_in
from support import histories
from support.builders import customer, new_id
from support.gateway import Answer
from support.histories import deliveries
from support.oracle import DECIMALS, Event, Oracle, half_up, parsed
from support.pages import pages

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
Kind = Callable[[str], st.SearchStrategy[Event]]
ORDER_CURRENCY = "USD"


def history_of(*kinds: Kind) -> st.SearchStrategy[list[Event]]:
    """Up to twelve versions of a few subjects of these kinds, delivered in any order, some of them twice."""
    event = st.one_of(*(kind("c") for kind in kinds))
    return st.lists(event, max_size=12, unique_by=lambda each: each["eventId"]).flatmap(
        lambda events: deliveries(events, most_duplicates=2)
    )


def taken_in(history: list[Event]) -> tuple[str, Oracle]:
    """The id of a customer to whom all that happened, and what is to be expected."""
    customer_id = new_id()
    events = [customer(customer_id, event_id="customer"), *history]
    for event in events:
        take_in(event["type"], event | {"customerId": customer_id})
    return customer_id, Oracle(events)


def tenths(number: Fraction) -> str:
    return str(Decimal(floor(number * 10 + Fraction(1, 2))).scaleb(-1))


def share(part: Decimal, whole: Decimal) -> str:
    return tenths(Fraction(part) / Fraction(whole)) if whole else "0.0"


def newest_first(rows: list[dict[str, Any]], at: str, identifier: str) -> list[str]:
    return [row[identifier] for row in sorted(rows, key=lambda row: (parsed(row[at]), row[identifier]), reverse=True)]


@settings(max_examples=60)
@given(history=history_of(histories.messages))
def test_marketing_counts_every_message_once(call: Call, history: list[Event]) -> None:
    customer_id, oracle = taken_in(history)
    answer = call("get_marketing", customer_id=customer_id).json
    counts, none = oracle.messages, Decimal(0)
    sent = counts.get("sent:email", none)
    assert str(answer["openRate"]) == share(100 * counts.get("opened:email", none), sent)
    assert str(answer["clickRate"]) == share(100 * counts.get("clicked:email", none), sent)
    assert [row["id"] for row in answer["campaigns"]] == newest_first(oracle.current("message"), "sentAt", "messageId")


@settings(max_examples=60)
@given(history=history_of(histories.tickets), limit=st.integers(1, 4))
def test_support_lists_every_ticket_once_and_adds_them_up(call: Call, history: list[Event], limit: int) -> None:
    customer_id, oracle = taken_in(history)
    found = list(pages(call, "list_tickets", {"limit": str(limit)}, customer_id=customer_id))
    tickets, sums = oracle.current("ticket"), oracle.tickets
    assert [row["id"] for page in found for row in page["tickets"]] == newest_first(tickets, "createdAt", "ticketId")
    resolved = sums.get("resolved", Decimal(0))
    hours = share(sums.get("resolutionSeconds", Decimal(0)), 3600 * resolved) if resolved else "None"
    for page in found:
        assert (page["totalTickets"], page["openTickets"]) == (sums.get("tickets", 0), sums.get("open", 0))
        assert str(page["averageResolutionTime"]) == hours
    for ticket in tickets:
        whole = call("get_ticket", customer_id=customer_id, ticket_id=ticket["ticketId"]).json
        assert whole["status"] == whole["statusHistory"][-1]["status"] == ticket["status"]


@settings(max_examples=80)
@given(history=history_of(histories.payments, histories.methods), limit=st.integers(1, 4))
def test_payments_list_what_is_current_and_add_it_up_by_currency(call: Call, history: list[Event], limit: int) -> None:
    customer_id, oracle = taken_in(history)
    found = list(pages(call, "list_payments", {"limit": str(limit)}, customer_id=customer_id))
    payments = oracle.current("payment")
    rows = [row["id"] for page in found for row in page["transactions"]]
    assert rows == newest_first(payments, "at", "transactionId")
    saved = [method for method in oracle.current("method") if "type" in method]
    expected = sorted(saved, key=lambda method: (not method["isDefault"], method["methodId"]))
    for page in found:
        assert [row["id"] for row in page["methods"]] == [method["methodId"] for method in expected]
        for name, status in (("totalSuccessful", "succeeded"), ("totalRefunded", "refunded")):
            assert_adds_up(page[name], [payment for payment in payments if payment["status"] == status])


def assert_adds_up(shown: dict[str, Any], payments: list[dict[str, Any]]) -> None:
    def amount(currency: str) -> Decimal:
        own = [payment["amount"] for payment in payments if payment["currency"] == currency]
        return half_up(sum(own, Decimal(0)), DECIMALS[currency])

    assert shown["count"] == len(payments)
    assert str(shown["amount"]) == str(amount("EUR"))
    others = shown.get("otherCurrencies", [])
    assert [other["currency"] for other in others] == sorted({payment["currency"] for payment in payments} - {"EUR"})
    assert [str(other["amount"]) for other in others] == [str(amount(other["currency"])) for other in others]
    assert shown["count"] >= sum(other["count"] for other in others)


def orders(customer_id: str) -> st.SearchStrategy[Event]:
    return histories.orders(customer_id, currency=ORDER_CURRENCY)


@settings(max_examples=80)
@given(history=history_of(orders, histories.sessions))
def test_analytics_add_up_every_session_and_order(call: Call, history: list[Event]) -> None:
    customer_id, oracle = taken_in(history)
    answer = call("get_analytics", customer_id=customer_id).json
    sums, none = oracle.behaviour, Decimal(0)
    sessions = sums.get("sessions", none)
    stats = {name: str(number) for name, number in answer["sessionStats"].items()}
    assert stats == {
        "totalSessions": str(sessions),
        "averageDuration": share(sums.get("seconds", none), 60 * sessions),
        "pagesPerSession": share(sums.get("pageViews", none), sessions),
        "bounceRate": share(100 * sums.get("bounces", none), sessions),
    }
    devices = {row["device"]: row["sessions"] for row in answer["deviceBreakdown"]}
    assert devices == {name[7:]: count for name, count in sums.items() if name.startswith("device:")}
    assert sum(devices.values()) == sessions
    times = answer["shoppingTimes"]
    assert times["dayOfWeek"] == {str(day): sums.get(f"day:{day}", 0) for day in range(7)}
    assert times["hourOfDay"] == {str(hour): sums.get(f"hour:{hour}", 0) for hour in range(24)}
    shown = {
        f"{measure}:{row['category']}": row[field]
        for row in answer["topCategories"]
        for measure, field in (("views", "viewCount"), ("units", "purchaseCount"), ("revenue", "revenue"))
        if row[field]
    }
    assert shown == oracle.categories
