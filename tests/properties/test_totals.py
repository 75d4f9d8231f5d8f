"""The figures of the page are exact, for any customer and any orders, through the real functions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.ingestion.intake import take_in
from support.builders import customer, instant, new_id, order
from support.gateway import Answer
from support.histories import deliveries, orders
from support.oracle import Event, Oracle, answered, parsed

pytestmark = pytest.mark.engine

ALWAYS = {"id", "name", "email", "registrationDate", "accountStatus", "addresses", "updatedAt"}
ROLES = ("viewer", "support", "manager", "admin")
MONEY = ("lifetimeValue", "totalSpent", "averageOrderValue", "refundedAmount")

# Any script, emoji, combining marks and right-to-left text; what separates words is never at an end.
words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=20)
texts = st.builds("".join, st.tuples(words, st.sampled_from(["", " ", "\u00a0", "\n", "\x00", "\u202e"]), words))
instants = st.builds(
    lambda at, minutes: at.astimezone(timezone(timedelta(minutes=minutes))).isoformat(),
    st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1000 < at.year < 9998),
    st.integers(-14 * 60, 14 * 60),
)
addresses = st.fixed_dictionaries(
    {"id": st.sampled_from(["home", "work"]), "line1": texts, "city": texts, "country": texts},
    optional={"isPrimary": st.booleans(), "line2": texts, "region": texts, "postalCode": texts, "phone": words},
)
profiles = st.fixed_dictionaries(
    {
        "name": texts,
        "email": st.from_regex(r"[^@\s\x00-\x20\x7f-\xa0]{1,20}@[a-z]{1,10}\.example", fullmatch=True),
        "registeredAt": instants,
        "updatedAt": instants,
        "status": st.sampled_from(["active", "pending", "suspended", "closed"]),
        "addresses": st.lists(addresses, max_size=4),
        "optIns": st.fixed_dictionaries({}, optional=dict.fromkeys(["email", "sms", "push"], st.booleans())),
        "phone": st.none() | words,
        "avatarUrl": st.none() | st.just("https://cdn.example/ä.png"),
    }
)


@settings(max_examples=150)
@given(profile=profiles, role=st.sampled_from(ROLES))
def test_the_profile_is_always_complete(call: Callable[..., Answer], profile: dict[str, Any], role: str) -> None:
    customer_id = new_id()
    event = customer(customer_id, **profile)
    assert take_in(event["type"], event).value == "applied"

    answer = call("get_customer_360", customer_id=customer_id, role=role)

    assert answer.status == 200, answer.text
    shown = answer.json["profile"]
    assert shown.keys() >= ALWAYS | (set() if role == "viewer" else {"optIns"})
    assert (shown["id"], shown["name"], shown["accountStatus"]) == (customer_id, profile["name"], profile["status"])
    assert shown["registrationDate"] == answered(parsed(profile["registeredAt"]))
    assert shown["updatedAt"] == answered(parsed(profile["updatedAt"]))
    assert (shown["email"] == profile["email"]) == (role != "viewer")
    assert ("phone" in shown) == (profile["phone"] is not None)
    assert sorted(address["id"] for address in shown["addresses"]) == sorted(a["id"] for a in profile["addresses"])
    assert [address["isPrimary"] for address in shown["addresses"]] == sorted(
        (address["isPrimary"] for address in shown["addresses"]), reverse=True
    )
    flagged = any(address.get("isPrimary") for address in profile["addresses"])
    assert sum(address["isPrimary"] for address in shown["addresses"]) == flagged
    assert {"metrics", "healthScore", "churnRisk", "segments", "tags", "permissions", "version"} <= answer.json.keys()


# Up to ten versions of a few orders in many currencies, delivered in any order, some of them twice.
order_histories = st.lists(orders("c"), max_size=10, unique_by=lambda event: event["eventId"]).flatmap(
    lambda events: deliveries(events, most_duplicates=2)
)


@settings(max_examples=150)
@given(history=order_histories)
def test_metrics_are_the_exact_sums_over_current_orders(call: Callable[..., Answer], history: list[Event]) -> None:
    customer_id = new_id()
    events = [customer(customer_id, event_id="customer"), *history]
    for event in events:
        take_in(event["type"], event | {"customerId": customer_id})

    before = Oracle(events).metrics(datetime.now(UTC))
    answer = call("get_customer_360", customer_id=customer_id).json
    after = Oracle(events).metrics(datetime.now(UTC))

    shown = {name: str(answer["metrics"][name]) for name in after}
    assert shown in [{name: str(metrics[name]) for name in after} for metrics in (before, after)]
    page = call("list_orders", customer_id=customer_id).json
    assert [str(page[name]) for name in ("totalOrders", "totalRevenue", "averageOrderValue")] == [
        shown[name] for name in ("totalOrders", "lifetimeValue", "averageOrderValue")
    ]
    assert len(page["orders"]) == after["totalOrders"]


def test_ten_cents_three_times_are_thirty(call: Callable[..., Answer]) -> None:
    customer_id = new_id()
    events = [customer(customer_id), *(order(customer_id, each, total=Decimal("0.10")) for each in ("o1", "o2", "o3"))]
    for event in events:
        take_in(event["type"], event)
    assert '"lifetimeValue":0.30' in call("get_customer_360", customer_id=customer_id).text


@pytest.mark.parametrize(
    ("currency", "total", "rate", "converted"),
    [
        ("JPY", "1", "0.005", "0.01"),  # half a cent goes up
        ("JPY", "1", "0.004999", "0.00"),
        ("KWD", "0.005", "3.00", "0.02"),
        ("USD", "999999999.99", "0.333333333333", "333333333.33"),
    ],
)
def test_an_order_is_converted_half_up_then_summed(
    call: Callable[..., Answer], currency: str, total: str, rate: str, converted: str
) -> None:
    customer_id = new_id()
    money: dict[str, Any] = {"currency": currency, "exchangeRate": Decimal(rate), "total": Decimal(total)}
    for event in [customer(customer_id), *(order(customer_id, each, **money) for each in ("o1", "o2"))]:
        take_in(event["type"], event)
    metrics = call("get_customer_360", customer_id=customer_id).json["metrics"]
    assert str(metrics["lifetimeValue"]) == str(2 * Decimal(converted))


def test_a_status_there_and_back_leaves_no_trace_in_the_sums(call: Callable[..., Answer]) -> None:
    customer_id = new_id()
    take_in("customer.upserted", customer(customer_id))
    seen = []
    for day, status in enumerate(["completed", "cancelled", "completed", "refunded", "pending", "delivered"]):
        event = order(customer_id, status=status, total=Decimal("12.34"), updatedAt=instant(day))
        take_in(event["type"], event)
        metrics = call("get_customer_360", customer_id=customer_id).json["metrics"]
        seen.append((metrics["completedOrders"], str(metrics["lifetimeValue"]), metrics["lastPurchaseAt"] is not None))
    is_bought, is_not = (1, "12.34", True), (0, "0.00", False)
    assert seen == [is_bought, is_not, is_bought, is_not, is_not, is_bought]
