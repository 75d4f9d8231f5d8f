"""GET /api/admin/customers/{customer_id}/analytics"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from support.builders import customer, instant, new_id, order, session
from support.gateway import Answer
from support.rights import recorded

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
GET = "get_analytics"


def line(category: str | None, quantity: Any = 1, price: Any = 1) -> dict[str, Any]:
    named = {"category": category} if category else {}
    return {"name": "Something", "quantity": quantity, "unitPrice": price} | named


def views(**counts: int) -> list[dict[str, Any]]:
    return [{"category": category, "count": count} for category, count in counts.items()]


@pytest.fixture
def shopper(take_in: TakeIn) -> str:
    """Bought little of what is dear and much of what is cheap; looks at what is not bought."""
    customer_id = new_id()
    take_in(
        customer(customer_id),
        order(customer_id, "o1", lines=[line("Watches", 1, Decimal("900.00")), line("Tea", 5, Decimal("2.50"))]),
        order(customer_id, "o2", lines=[line("Socks", 7, Decimal("1.10")), line(None, 40, 100)]),
        session(customer_id, "s1", categoriesViewed=views(Cars=9, Tea=2)),
        session(customer_id, "s2", categoriesViewed=views(Tea=3, Watches=1)),
    )
    return customer_id


def names(answer: Answer, which: str) -> list[str]:
    return [row["category"] for row in answer.json[which]]


def test_a_customer_who_did_nothing(call: Call, known_customer: str) -> None:
    days = ",".join(f'"{day}":0' for day in range(7))
    hours = ",".join(f'"{hour}":0' for hour in range(24))
    assert call(GET, customer_id=known_customer).text == (
        '{"topCategories":[],"topViewedCategories":[],"topPurchasedCategories":[],'
        '"sessionStats":{"totalSessions":0,"averageDuration":0.0,"pagesPerSession":0.0,"bounceRate":0.0},'
        '"deviceBreakdown":[],'
        f'"shoppingTimes":{{"timeZone":"UTC","dayOfWeek":{{{days}}},"hourOfDay":{{{hours}}}}},"updatedAt":null}}'
    )


# ---------------------------------------------------------------- Categories


def test_categories_stand_by_revenue_by_views_and_by_units(call: Call, shopper: str) -> None:
    answer = call(GET, customer_id=shopper)
    assert names(answer, "topCategories") == ["Watches", "Tea", "Socks", "Cars"]
    assert names(answer, "topViewedCategories") == ["Cars", "Tea", "Watches"]
    assert names(answer, "topPurchasedCategories") == ["Socks", "Tea", "Watches"]
    tea = {"category": "Tea", "viewCount": 5, "purchaseCount": 5, "revenue": Decimal("12.50")}
    assert all(tea in answer.json[name] for name in answer.json if name.endswith("Categories"))
    assert '"revenue":900.00' in answer.text
    assert '"revenue":0.00' in answer.text


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_who_may_not_see_revenue_cannot_tell_it_from_the_order(call: Call, shopper: str, role: str) -> None:
    answer = call(GET, customer_id=shopper, role=role)
    assert "revenue" not in answer.text
    assert names(answer, "topCategories") == ["Socks", "Tea", "Watches", "Cars"]
    assert answer.json["topCategories"][1] == {"category": "Tea", "viewCount": 5, "purchaseCount": 5}


def test_half_a_pound_is_a_purchase(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(
        order(known_customer, "o1", lines=[line("Tea", Decimal("0.5"), Decimal("9.99"))]),
        order(known_customer, "o2", lines=[line("Tea", Decimal("1.25"), 1)]),
    )
    (tea,) = call(GET, customer_id=known_customer).json["topPurchasedCategories"]
    # 4.995 and 1.25 are rounded half-up per order
    assert (tea["purchaseCount"], tea["revenue"]) == (Decimal("1.75"), Decimal("6.25"))


def test_revenue_is_in_the_shops_currency(call: Call, known_customer: str, take_in: TakeIn) -> None:
    abroad: dict[str, Any] = {"currency": "JPY", "exchangeRate": Decimal("0.006"), "total": 1000}
    take_in(
        order(known_customer, "o1", lines=[line("Tea", 1, 1000)], **abroad),
        order(known_customer, "o2", lines=[line("Tea", 2, Decimal("0.10"))]),
    )
    assert (
        '"category":"Tea","viewCount":0,"purchaseCount":3,"revenue":6.20' in call(GET, customer_id=known_customer).text
    )


def test_a_cancelled_order_counts_nowhere(call: Call, shopper: str, take_in: TakeIn) -> None:
    before = call(GET, customer_id=shopper).json
    take_in(order(shopper, "o3", lines=[line("Tea", 9, 99), line("Boats")]))
    assert "Boats" in call(GET, customer_id=shopper).text
    take_in(order(shopper, "o3", status="cancelled", lines=[line("Tea", 9, 99)], updatedAt=instant(1)))
    after = call(GET, customer_id=shopper).json
    assert {**after, "updatedAt": None} == {**before, "updatedAt": None}


def test_at_most_ten_of_very_many_and_none_forgotten(call: Call, known_customer: str, take_in: TakeIn) -> None:
    kinds = [f"Category {n:03}" for n in range(300)]
    take_in(
        order(known_customer, lines=[line(kind, n + 1, Decimal(1000 - n)) for n, kind in enumerate(kinds)]),
        session(known_customer, categoriesViewed=[{"category": kind, "count": 7} for kind in reversed(kinds)]),
    )
    with recorded() as calls:
        answer = call(GET, customer_id=known_customer)
    assert names(answer, "topCategories") == kinds[:-11:-1]
    assert names(answer, "topPurchasedCategories") == kinds[:-11:-1]
    assert names(answer, "topViewedCategories") == kinds[:10]  # equals by name
    assert [operation for operation, _ in calls if operation != "dynamodb:PutItem"] == ["dynamodb:BatchGetItem"]


@pytest.mark.parametrize("category", ["Tea: green", "#", "Thé & Café", "views:Tea", "日本茶", "x" * 100, "0"])
def test_any_name_is_a_category(call: Call, known_customer: str, take_in: TakeIn, category: str) -> None:
    take_in(
        order(known_customer, lines=[line(category, 2, 3)]),
        session(known_customer, categoriesViewed=[{"category": category, "count": 4}]),
    )
    row = {"category": category, "viewCount": 4, "purchaseCount": 2, "revenue": 6}
    answer = call(GET, customer_id=known_customer).json
    assert answer["topCategories"] == answer["topViewedCategories"] == answer["topPurchasedCategories"] == [row]


# ---------------------------------------------------------------- Sessions


def test_sessions_are_averaged(call: Call, known_customer: str, take_in: TakeIn) -> None:
    minute = 1 / (24 * 60)
    take_in(
        session(known_customer, "s1", endedAt=instant(10 * minute), pageViews=5),
        session(known_customer, "s2", endedAt=instant(1 * minute), pageViews=1),
        session(known_customer, "s3", endedAt=instant(), pageViews=None),
    )
    stats = '"sessionStats":{"totalSessions":3,"averageDuration":3.7,"pagesPerSession":2.0,"bounceRate":66.7}'
    assert stats in call(GET, customer_id=known_customer).text


def test_devices_that_were_used_stand_most_used_first(call: Call, known_customer: str, take_in: TakeIn) -> None:
    for n, device in enumerate(["tablet", "mobile", "mobile", "mobile", "desktop", "mobile"]):
        take_in(session(known_customer, f"s{n}", device=device))
    take_in(session(known_customer, "agent", device=None, userAgent="Mozilla/5.0 (Windows NT 10.0)"))
    answer = call(GET, customer_id=known_customer)
    assert (
        '"deviceBreakdown":[{"device":"mobile","sessions":4,"percentage":57.1},'
        '{"device":"desktop","sessions":2,"percentage":28.6},{"device":"tablet","sessions":1,"percentage":14.3}]'
    ) in answer.text


# ---------------------------------------------------------------- Times


def test_orders_are_told_by_day_and_hour(call: Call, known_customer: str, take_in: TakeIn) -> None:
    sunday = "2026-01-04T23:59:59.9Z"
    take_in(
        order(known_customer, "o1", placedAt=sunday),
        order(known_customer, "o2", placedAt=sunday, status="pending"),
        order(known_customer, "o3", placedAt="2026-01-05T01:00:00+01:00", status="refunded"),
        order(known_customer, "o4", placedAt=sunday, status="cancelled"),
    )
    times = call(GET, customer_id=known_customer).json["shoppingTimes"]
    assert times["timeZone"] == "UTC"
    assert times["dayOfWeek"] == dict.fromkeys(map(str, range(7)), 0) | {"0": 2, "1": 1}
    assert times["hourOfDay"] == dict.fromkeys(map(str, range(24)), 0) | {"23": 2, "0": 1}


# ---------------------------------------------------------------- The section


def test_an_unknown_customer_is_404(call: Call) -> None:
    answer = call(GET, customer_id=new_id())
    assert (answer.status, answer.json["detail"]) == (404, "no such customer")


def test_nothing_of_another_customer_is_shown(call: Call, shopper: str, known_customer: str) -> None:
    assert names(call(GET, customer_id=known_customer), "topCategories") == []


def test_the_section_says_when_its_sources_last_wrote(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(order(known_customer, updatedAt=instant(3)))
    assert call(GET, customer_id=known_customer).json["updatedAt"] == "2026-01-04T00:00:00Z"
    take_in(session(known_customer) | {"occurredAt": instant(5)})
    assert call(GET, customer_id=known_customer).json["updatedAt"] == "2026-01-06T00:00:00Z"


def test_the_section_has_an_etag_of_its_own_for_who_sees_less(call: Call, shopper: str, take_in: TakeIn) -> None:
    etags = {role: call(GET, customer_id=shopper, role=role).headers["ETag"] for role in ("viewer", "manager")}
    assert len(set(etags.values())) == 2
    assert call(GET, customer_id=shopper, headers={"If-None-Match": etags["manager"]}).status == 304
    take_in(session(shopper, "s3"))
    assert call(GET, customer_id=shopper, headers={"If-None-Match": etags["manager"]}).status == 200
