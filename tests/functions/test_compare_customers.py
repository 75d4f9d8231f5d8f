"""GET …/customers/compare: customers side by side, and how they differ."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from support.builders import customer, new_id, order, ticket
from support.gateway import Answer, claims_of, context, handler_of, http_event
from support.makers import a_segment, give_segment

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("pause_caches")]

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
MONEY = {"lifetimeValue", "averageOrderValue"}


def compare(call: Call, *ids: str, **request: Any) -> Answer:
    return call("compare_customers", query={"ids": ",".join(ids)}, **request)


@pytest.fixture
def pair(take_in: TakeIn) -> tuple[str, str]:
    """One who bought for 40 and 60, and one who bought for 80."""
    first, second = new_id(), new_id()
    take_in(
        customer(first),
        order(first, "o1", total=Decimal("40.00")),
        order(first, "o2", total=Decimal("60.00")),
        customer(second, name="Grace Hopper", email="grace@example.com"),
        order(second, "o1", total=Decimal("80.00")),
        ticket(second),
    )
    return first, second


def row(answer: Answer, metric: str) -> Any:
    (found,) = [each for each in answer.json["differences"] if each["metric"] == metric]
    return found


def test_each_is_shown_as_their_own_page_shows_them(call: Call, pair: tuple[str, str]) -> None:
    for role in ("viewer", "support", "manager", "admin"):
        answer = compare(call, *pair, role=role)
        assert answer.status == 200, answer.text
        for customer_id, shown in zip(pair, answer.json["customers"], strict=True):
            page = call("get_customer_360", customer_id=customer_id, role=role).json
            assert shown == {name: page[name] for name in shown}
            assert set(shown) == {"profile", "metrics", "healthScore", "churnRisk", "segments"}


def test_the_differences_are_those_of_what_is_shown(call: Call, pair: tuple[str, str]) -> None:
    first, second = pair
    answer = compare(call, first, second)
    assert row(answer, "lifetimeValue") == {
        "metric": "lifetimeValue",
        "values": [100, 80],
        "min": 80,
        "max": 100,
        "spreadPercent": 20,
        "isNotable": False,
        "best": first,
    }
    assert '"values":[100.00,80.00]' in answer.text
    average = row(answer, "averageOrderValue")
    assert (average["values"], average["spreadPercent"], average["best"]) == ([50, 80], Decimal("37.5"), second)
    assert average["isNotable"] is True
    assert (row(answer, "totalOrders")["values"], row(answer, "totalOrders")["best"]) == ([2, 1], first)
    assert (row(answer, "openTickets")["values"], row(answer, "openTickets")["best"]) == ([0, 1], first)
    assert "best" not in row(answer, "daysSinceLastPurchase")  # they bought on the same day
    assert "best" not in row(answer, "customerTenure")
    shown = answer.json["customers"]
    assert row(answer, "healthScore")["values"] == [one["healthScore"]["score"] for one in shown]
    assert row(answer, "churnScore")["values"] == [one["churnRisk"]["score"] for one in shown]
    assert row(answer, "engagement")["values"] == [one["healthScore"]["factors"]["engagement"] for one in shown]


def test_values_stand_in_the_order_of_the_ids(call: Call, pair: tuple[str, str], known_customer: str) -> None:
    ids = [pair[1], known_customer, pair[0]]
    answer = compare(call, *ids)
    assert [one["profile"]["id"] for one in answer.json["customers"]] == ids
    assert row(answer, "lifetimeValue")["values"] == [80, 0, 100]
    days = row(answer, "daysSinceLastPurchase")
    assert days["values"][1] is None
    assert (days["min"], days["max"]) == (days["values"][0], days["values"][0])


def test_of_a_measure_nobody_has_nothing_is_said(call: Call, take_in: TakeIn, known_customer: str) -> None:
    other = new_id()
    take_in(customer(other))
    assert row(compare(call, known_customer, other), "daysSinceLastPurchase") == {
        "metric": "daysSinceLastPurchase",
        "values": [None, None],
        "min": None,
        "max": None,
        "spreadPercent": None,
        "isNotable": False,
    }


@pytest.mark.parametrize(("role", "sees"), [("viewer", False), ("support", False), ("manager", True), ("admin", True)])
def test_money_is_compared_for_those_who_may_see_it_only(
    call: Call, pair: tuple[str, str], role: str, sees: bool
) -> None:
    answer = compare(call, *pair, role=role)
    metrics = [each["metric"] for each in answer.json["differences"]]
    assert (set(metrics) >= MONEY) == sees
    assert bool(MONEY & set(metrics)) == sees
    assert ("lifetimeValue" in answer.text) == sees
    # What is left stands as it stands for everybody: neither its place nor its content tells of what is hidden.
    everything = compare(call, *pair).json["differences"]
    assert answer.json["differences"] == [each for each in everything if sees or each["metric"] not in MONEY]


def test_contact_data_is_masked(call: Call, pair: tuple[str, str]) -> None:
    answer = compare(call, *pair, role="viewer")
    assert [one["profile"]["email"] for one in answer.json["customers"]] == ["ad***@example.com", "gr***@example.com"]
    assert "grace@" not in answer.text


def test_segments_are_shared_or_somebodys_own(call: Call, pair: tuple[str, str], known_customer: str) -> None:
    shared, partly, own = a_segment(), a_segment(), a_segment()
    for customer_id in (*pair, known_customer):
        give_segment(customer_id, shared)
    for customer_id in pair:
        give_segment(customer_id, partly)
    give_segment(known_customer, own)
    found = compare(call, *pair, known_customer).json["segments"]
    assert found == {
        "shared": [shared],
        "onlyIn": {pair[0]: [], pair[1]: [], known_customer: [own]},
        "partlyShared": [{"id": partly, "customers": list(pair)}],
    }
    assert compare(call, *pair).json["segments"]["shared"] == sorted([shared, partly])


@pytest.mark.parametrize(
    "ids", ["", "{0}", "{0},{0}", "{0},{1},{0}", "{0},", "{0},,{1}", "{0},{1},c,d", "{0},a b", "{0},{1}\n", "x" * 201]
)
def test_other_than_two_or_three_different_ids_are_refused(call: Call, pair: tuple[str, str], ids: str) -> None:
    answer = call("compare_customers", query={"ids": ids.format(*pair)})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "ids")


def test_ids_are_required_and_not_to_be_repeated(call: Call, pair: tuple[str, str]) -> None:
    answer = call("compare_customers")
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "ids")
    event = http_event("compare_customers", claims=claims_of("admin"), query={"ids": ",".join(pair)})
    event["multiValueQueryStringParameters"] = {"ids": [",".join(pair), ",".join(reversed(pair))]}
    assert handler_of("compare_customers").lambda_handler(event, context())["statusCode"] == 400


def test_who_is_not_there_is_named(call: Call, pair: tuple[str, str]) -> None:
    unknown = new_id("unknown")
    answer = compare(call, pair[0], unknown)
    assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert unknown in answer.json["detail"]
    assert pair[0] not in answer.text


def test_an_answer_the_client_has_is_not_sent_again(call: Call, pair: tuple[str, str]) -> None:
    etag = compare(call, *pair).headers["ETag"]
    assert compare(call, *pair, headers={"If-None-Match": etag}).status == 304


@pytest.mark.parametrize("role", ["viewer", None])
def test_it_is_on_the_trail_of_every_customer_compared(
    call: Call, admin: Callable[[str | None], Any], pair: tuple[str, str], role: str | None
) -> None:
    somebody = admin(role)
    compare(call, *pair, claims=somebody.claims)
    assert {(line["subject"], line["action"]) for line in somebody.trail_of(2)} == {
        (customer_id, "customers.compared") for customer_id in pair
    }
    for customer_id in pair:
        query = {"customerId": customer_id, "actor": somebody.claims["sub"]}
        (entry,) = call("list_audit_entries", query=query).json["entries"]
        assert (entry["customerId"], entry["outcome"]) == (customer_id, "allowed" if role else "refused")
        assert len(entry["requestId"]) == 36


def test_a_list_of_very_many_ids_leaves_few_lines(call: Call, admin: Callable[[str | None], Any]) -> None:
    somebody = admin("viewer")
    assert compare(call, *(f"c{n}" for n in range(40)), claims=somebody.claims).status == 400
    assert [line["subject"] for line in somebody.trail_of(3)] == ["c0", "c1", "c2"]
