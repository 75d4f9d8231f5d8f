"""GET /api/admin/customers/{customer_id}/orders"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from support.builders import customer, instant, new_id, order
from support.gateway import Answer
from support.pages import pages

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
LIST = "list_orders"


@pytest.fixture
def shopper(take_in: TakeIn) -> str:
    """Ten orders, one a day from the first of January 2026, every third cancelled, the others completed."""
    customer_id = new_id()
    take_in(customer(customer_id))
    take_in(
        *(
            order(
                customer_id,
                f"o{n}",
                placedAt=instant(n),
                status="cancelled" if n % 3 == 0 else "completed",
                total=Decimal("0.10"),
            )
            for n in range(10)
        )
    )
    return customer_id


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [row["id"] for row in answer.json["orders"]]


def walk(
    call: Call,
    customer_id: str,
    limit: int,
    query: dict[str, str] | None = None,
    between: Callable[[], None] | None = None,
) -> list[str]:
    """The ids on all pages, with something happening between one page and the next."""
    found: list[str] = []
    for page in pages(call, LIST, {"limit": str(limit), **(query or {})}, customer_id=customer_id):
        assert len(page["orders"]) <= limit
        found += [row["id"] for row in page["orders"]]
        if between:
            between()
    return found


def test_the_newest_order_comes_first_with_what_a_row_shows(call: Call, shopper: str) -> None:
    answer = call(LIST, customer_id=shopper)
    assert ids(answer) == [f"o{n}" for n in range(9, -1, -1)]
    assert answer.json["orders"][1] == {
        "id": "o8",
        "orderNumber": "N-o8",
        "date": "2026-01-09T00:00:00Z",
        "status": "completed",
        "total": Decimal("0.10"),
        "currency": "EUR",
        "itemsCount": 1,
    }
    assert '"total":0.10,"currency":"EUR"' in answer.text
    assert answer.json.keys() == {"orders", "totalOrders", "totalRevenue", "averageOrderValue", "updatedAt"}


@pytest.mark.parametrize("query", [{}, {"status": "pending"}, {"limit": "1"}, {"from": "2030-01-01"}])
def test_the_three_figures_are_the_customers_whatever_is_listed(
    call: Call, shopper: str, query: dict[str, str]
) -> None:
    answer = call(LIST, customer_id=shopper, query=query)
    view = call("get_customer_360", customer_id=shopper).json["metrics"]
    assert answer.json["totalOrders"] == view["totalOrders"] == 10
    assert answer.json["totalRevenue"] == view["lifetimeValue"] == Decimal("0.60")
    assert answer.json["averageOrderValue"] == view["averageOrderValue"] == Decimal("0.10")
    assert '"totalRevenue":0.60,"averageOrderValue":0.10' in answer.text


def test_a_customer_without_orders_has_an_empty_list(call: Call, known_customer: str) -> None:
    answer = call(LIST, customer_id=known_customer)
    assert answer.text == '{"orders":[],"totalOrders":0,"totalRevenue":0.00,"averageOrderValue":0.00,"updatedAt":null}'


def test_a_total_has_the_decimals_of_its_own_currency(call: Call, known_customer: str, take_in: TakeIn) -> None:
    for number, (currency, total) in enumerate([("JPY", 100), ("KWD", 1), ("USD", 5)]):
        rate: dict[str, Any] = {
            "currency": currency,
            "exchangeRate": Decimal("0.5"),
            "total": total,
            "placedAt": instant(number),
        }
        take_in(order(known_customer, f"o{number}", **rate))
    text = call(LIST, customer_id=known_customer).text
    for part in ('"total":5.00,"currency":"USD"', '"total":1.000,"currency":"KWD"', '"total":100,"currency":"JPY"'):
        assert part in text


def test_half_a_pound_is_an_item_count(call: Call, known_customer: str, take_in: TakeIn) -> None:
    lines = [{"name": "Tea", "quantity": quantity, "unitPrice": 1} for quantity in (Decimal("0.5"), 2)]
    take_in(order(known_customer, lines=lines))
    assert call(LIST, customer_id=known_customer).json["orders"][0]["itemsCount"] == Decimal("2.5")


# ---------------------------------------------------------------- Filters


@pytest.mark.parametrize(
    ("status", "expected"), [("cancelled", ["o9", "o6", "o3", "o0"]), ("pending", []), ("delivered", [])]
)
def test_a_status_is_a_filter(call: Call, shopper: str, status: str, expected: list[str]) -> None:
    assert ids(call(LIST, customer_id=shopper, query={"status": status})) == expected


def test_a_changed_status_moves_the_order(call: Call, shopper: str, take_in: TakeIn) -> None:
    take_in(order(shopper, "o9", status="refunded", placedAt=instant(9), updatedAt=instant(20)))
    assert ids(call(LIST, customer_id=shopper, query={"status": "cancelled"})) == ["o6", "o3", "o0"]
    assert ids(call(LIST, customer_id=shopper, query={"status": "refunded"})) == ["o9"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"from": "2026-01-08"}, ["o9", "o8", "o7"]),
        ({"to": "2026-01-02"}, ["o1", "o0"]),
        ({"from": "2026-01-03", "to": "2026-01-03"}, ["o2"]),
        ({"from": "2026-01-03T00:00:00Z", "to": "2026-01-03T00:00:00Z"}, ["o2"]),
        ({"from": "2026-01-03T00:00:01Z", "to": "2026-01-04T23:59:59Z"}, ["o3"]),
        ({"from": "2026-01-03T02:00:00+02:00", "to": "2026-01-04T01:00:00+02:00"}, ["o2"]),
        ({"from": "2026-01-01", "to": "2026-01-08", "status": "cancelled"}, ["o6", "o3", "o0"]),
        ({"from": "2027-01-01"}, []),
    ],
)
def test_both_bounds_of_a_range_are_in_it(call: Call, shopper: str, query: dict[str, str], expected: list[str]) -> None:
    assert ids(call(LIST, customer_id=shopper, query=query)) == expected


def test_an_order_within_the_last_second_is_in_the_range(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(order(known_customer, placedAt="2026-01-03T12:00:00.75Z"))
    for end, expected in (("00Z", ["o1"]), ("00.5Z", []), ("00.75Z", ["o1"]), ("00.750001Z", ["o1"])):
        query = {"to": f"2026-01-03T12:00:{end}"}
        assert ids(call(LIST, customer_id=known_customer, query=query)) == expected
    for start, expected in (("00Z", ["o1"]), ("00.75Z", ["o1"]), ("00.750001Z", []), ("01Z", [])):
        query = {"from": f"2026-01-03T12:00:{start}"}
        assert ids(call(LIST, customer_id=known_customer, query=query)) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"status": "lost"}, "status"),
        ({"status": ""}, "status"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "2026-01-02T00:00:00"}, "from"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "from"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "x" * 2000}, "cursor"),
    ],
)
def test_a_parameter_out_of_range_is_named(call: Call, shopper: str, query: dict[str, str], field: str) -> None:
    answer = call(LIST, customer_id=shopper, query=query)
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert answer.json["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize("limit", ["1", "100"])
def test_the_bounds_of_the_limit_are_allowed(call: Call, shopper: str, limit: str) -> None:
    assert len(ids(call(LIST, customer_id=shopper, query={"limit": limit}))) == min(10, int(limit))


def test_twenty_is_the_page_when_nobody_says(call: Call, shopper: str, take_in: TakeIn) -> None:
    take_in(*(order(shopper, f"p{n}", placedAt=instant(20 + n)) for n in range(15)))
    answer = call(LIST, customer_id=shopper)
    assert len(ids(answer)) == 20
    assert "nextCursor" in answer.json


# ---------------------------------------------------------------- Pages


@pytest.mark.parametrize("limit", [1, 3, 5, 10, 11])
def test_pages_join_to_the_whole_list(call: Call, shopper: str, limit: int) -> None:
    assert walk(call, shopper, limit) == [f"o{n}" for n in range(9, -1, -1)]


@pytest.mark.parametrize(("limit", "goes_on"), [(9, True), (10, False), (11, False)])
def test_the_last_page_has_no_cursor_even_if_it_is_full(call: Call, shopper: str, limit: int, goes_on: bool) -> None:
    assert ("nextCursor" in call(LIST, customer_id=shopper, query={"limit": str(limit)}).json) is goes_on


@pytest.mark.parametrize("query", [{"status": "cancelled"}, {"from": "2026-01-02", "to": "2026-01-09"}])
def test_pages_of_a_filtered_list_join_too(call: Call, shopper: str, query: dict[str, str]) -> None:
    assert walk(call, shopper, 2, query) == ids(call(LIST, customer_id=shopper, query=query))


def test_every_older_order_comes_once_while_others_arrive(call: Call, shopper: str, take_in: TakeIn) -> None:
    arrived = iter(range(100))

    def arrive() -> None:
        number = next(arrived)
        take_in(
            order(shopper, f"new{number}", placedAt=instant(30 + number)),
            order(shopper, f"old{number}", placedAt=instant(-30 - number)),
        )

    found = walk(call, shopper, 2, between=arrive)
    assert [identifier for identifier in found if identifier.startswith("o") and identifier[1:].isdigit()] == [
        f"o{n}" for n in range(9, -1, -1)
    ]
    assert len(found) == len(set(found))
    assert not [identifier for identifier in found if identifier.startswith("new")]


def test_orders_of_the_same_instant_come_once(call: Call, known_customer: str, take_in: TakeIn) -> None:
    names = [f"{letter}{n}" for letter in "aB:@._-" for n in range(3)]
    take_in(*(order(known_customer, name) for name in names))
    found = walk(call, known_customer, 4)
    assert sorted(found) == sorted(names)


def test_an_order_that_goes_while_it_is_the_cursor_loses_nobody(call: Call, shopper: str, take_in: TakeIn) -> None:
    first = call(LIST, customer_id=shopper, query={"limit": "2", "status": "cancelled"})
    assert ids(first) == ["o9", "o6"]
    take_in(order(shopper, "o6", status="completed", placedAt=instant(6), updatedAt=instant(20)))
    query = {"limit": "2", "status": "cancelled", "cursor": first.json["nextCursor"]}
    assert ids(call(LIST, customer_id=shopper, query=query)) == ["o3", "o0"]


def test_a_cursor_of_another_list_is_refused(call: Call, shopper: str, take_in: TakeIn) -> None:
    other = new_id()
    take_in(customer(other), order(other, "x1"), order(other, "x2"))
    cursor = call(LIST, customer_id=shopper, query={"limit": "1"}).json["nextCursor"]
    foreign = [
        (other, {}),
        (shopper, {"status": "cancelled"}),
        (shopper, {"from": "2026-01-01"}),
        (shopper, {"to": "2026-12-31"}),
    ]
    for customer_id, query in foreign:
        answer = call(LIST, customer_id=customer_id, query=query | {"cursor": cursor})
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, "cursor")
    assert ids(call(LIST, customer_id=shopper, query={"cursor": cursor}))[0] == "o8"


def test_another_limit_goes_on_where_the_last_page_ended(call: Call, shopper: str) -> None:
    cursor = call(LIST, customer_id=shopper, query={"limit": "1"}).json["nextCursor"]
    assert ids(call(LIST, customer_id=shopper, query={"limit": "2", "cursor": cursor})) == ["o8", "o7"]


# ---------------------------------------------------------------- Who may ask


def test_an_order_of_another_customer_is_not_listed(call: Call, shopper: str, known_customer: str) -> None:
    assert ids(call(LIST, customer_id=known_customer)) == []


def test_sums_are_for_financials_and_amounts_for_payments(call: Call, shopper: str) -> None:
    sums = {"totalRevenue", "averageOrderValue"}
    for role, hidden_sums, hidden_amounts in (
        ("viewer", sums, {"total"}),
        ("support", sums, set()),
        ("manager", set(), set()),
    ):
        page = call(LIST, customer_id=shopper, role=role).json
        assert sums - page.keys() == hidden_sums
        assert {"total"} - page["orders"][0].keys() == hidden_amounts
        assert page["totalOrders"] == 10


def test_an_unknown_customer_is_404_also_with_filters(call: Call) -> None:
    assert call(LIST, customer_id=new_id(), query={"status": "completed"}).status == 404


def test_the_list_has_an_etag(call: Call, shopper: str, take_in: TakeIn) -> None:
    etag = call(LIST, customer_id=shopper).headers["ETag"]
    assert call(LIST, customer_id=shopper, headers={"If-None-Match": etag}).status == 304
    take_in(order(shopper, "late", placedAt=instant(-300)))
    assert call(LIST, customer_id=shopper, headers={"If-None-Match": etag}).status == 200
