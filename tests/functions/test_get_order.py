"""GET /api/admin/customers/{customer_id}/orders/{order_id}"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from support.builders import customer, instant, new_id, order
from support.gateway import Answer

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
GET = "get_order"

ADDRESS = {
    "name": "Ada Lovelace",
    "line1": "12 St James's Square",
    "line2": "Flat 3",
    "city": "London",
    "region": "London",
    "postalCode": "SW1Y 4JH",
    "country": "GB",
    "phone": "+44 20 7946 0123",
}
WHOLE: dict[str, Any] = {
    "number": "1001",
    "placedAt": "2026-01-02T03:04:05.678Z",
    "status": "shipped",
    "currency": "USD",
    "exchangeRate": Decimal("0.92"),
    "total": Decimal("25.30"),
    "discount": Decimal(1),
    "shipping": Decimal("2.5"),
    "tax": Decimal("0.80"),
    "refundedAmount": Decimal("0.1"),
    "lines": [
        {"sku": "T-1", "name": "Tea", "category": "Drinks", "quantity": 2, "unitPrice": Decimal("10.00")},
        {"name": "Bag", "quantity": Decimal("0.5"), "unitPrice": Decimal("6.00")},
    ],
    "shippingAddress": ADDRESS,
    "paymentMethod": "visa ending 4242",
    "trackingNumber": "1Z999AA10123456784",
    "updatedAt": "2026-01-03T00:00:00Z",
}


def test_the_whole_order_is_answered_with_exact_money(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(order(known_customer, "o1", **WHOLE))
    answer = call(GET, customer_id=known_customer, order_id="o1")
    assert answer.status == 200
    assert answer.json == {
        "id": "o1",
        "orderNumber": "1001",
        "date": "2026-01-02T03:04:05Z",
        "status": "shipped",
        "currency": "USD",
        "exchangeRate": Decimal("0.92"),
        "total": Decimal("25.30"),
        "discount": Decimal("1.00"),
        "shipping": Decimal("2.50"),
        "tax": Decimal("0.80"),
        "refundedAmount": Decimal("0.10"),
        "itemsCount": Decimal("2.5"),
        "lines": WHOLE["lines"],
        "shippingAddress": ADDRESS,
        "paymentMethod": "visa ending 4242",
        "trackingNumber": "1Z999AA10123456784",
        "statusHistory": [{"status": "shipped", "at": "2026-01-03T00:00:00Z"}],
        "updatedAt": "2026-01-03T00:00:00Z",
    }
    for part in ('"total":25.30,', '"discount":1.00,', '"shipping":2.50,', '"refundedAmount":0.10,'):
        assert part in answer.text


def test_what_the_source_did_not_send_is_absent(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(order(known_customer, lines=[{"name": "Tea", "quantity": 1, "unitPrice": Decimal("25.00")}]))
    answer = call(GET, customer_id=known_customer, order_id="o1")
    assert answer.json.keys() == {
        "id", "orderNumber", "date", "status", "currency", "total", "itemsCount", "lines", "statusHistory", "updatedAt",
    }  # fmt: skip
    assert answer.json["lines"] == [{"name": "Tea", "quantity": 1, "unitPrice": Decimal("25.00")}]


def test_prices_of_lines_have_the_currencys_decimals(call: Call, known_customer: str, take_in: TakeIn) -> None:
    lines = [{"name": "Tea", "quantity": 1, "unitPrice": price} for price in (Decimal("0.1"), 25)]
    take_in(order(known_customer, lines=lines))
    text = call(GET, customer_id=known_customer, order_id="o1").text
    assert '"unitPrice":0.10' in text
    assert '"unitPrice":25.00' in text


def test_an_address_of_one_line_is_a_street(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(order(known_customer, shippingAddress="12 St James's Square, London"))
    street = {"line1": "12 St James's Square, London"}
    assert call(GET, customer_id=known_customer, order_id="o1").json["shippingAddress"] == street
    assert call(GET, customer_id=known_customer, order_id="o1", role="viewer").json["shippingAddress"] == {}


def test_the_history_tells_each_change_of_status_in_order(call: Call, known_customer: str, take_in: TakeIn) -> None:
    steps = ["pending", "processing", "processing", "shipped", "delivered"]
    versions = [order(known_customer, status=status, updatedAt=instant(day)) for day, status in enumerate(steps)]
    take_in(*[versions[place] for place in (4, 0, 3, 1, 2)])
    answer = call(GET, customer_id=known_customer, order_id="o1").json
    assert [(change["status"], change["at"][:10]) for change in answer["statusHistory"]] == [
        ("pending", "2026-01-01"),
        ("processing", "2026-01-02"),
        ("shipped", "2026-01-04"),
        ("delivered", "2026-01-05"),
    ]
    assert (answer["status"], answer["updatedAt"]) == ("delivered", "2026-01-05T00:00:00Z")


def test_the_history_is_of_this_order_only(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(order(known_customer, "o1"), order(known_customer, "o10", status="pending"), order(known_customer, "o"))
    history = call(GET, customer_id=known_customer, order_id="o1").json["statusHistory"]
    assert [change["status"] for change in history] == ["completed"]


def test_a_long_history_shows_its_latest_versions(
    call: Call, known_customer: str, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.storage import subjects

    monkeypatch.setattr(subjects, "SHOWN_VERSIONS", 3)
    steps = ["pending", "processing", "pending", "processing", "delivered"]
    take_in(*(order(known_customer, status=status, updatedAt=instant(day)) for day, status in enumerate(steps)))
    history = call(GET, customer_id=known_customer, order_id="o1").json["statusHistory"]
    assert [change["at"][:10] for change in history] == ["2026-01-03", "2026-01-04", "2026-01-05"]


def test_an_unknown_order_is_404(call: Call, known_customer: str, take_in: TakeIn) -> None:
    other = new_id()
    take_in(customer(other), order(other, "theirs"))
    for order_id in ("nothing", "theirs"):
        answer = call(GET, customer_id=known_customer, order_id=order_id)
        assert (answer.status, answer.json["detail"]) == (404, "no such order")
    assert call(GET, customer_id=new_id(), order_id="theirs").json["detail"] == "no such customer"


def test_who_may_not_look_learns_nothing(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(order(known_customer))
    answers = [
        call(GET, customer_id=customer_id, order_id=order_id, role=None)
        for customer_id in (known_customer, "nobody")
        for order_id in ("o1", "nothing")
    ]
    assert {answer.status for answer in answers} == {403}
    assert len({answer.json["detail"] for answer in answers}) == 1


@pytest.mark.parametrize("order_id", ["A-z_0.9:@b", "order@shop", "a:b"])
def test_ids_are_percent_decoded(call: Call, known_customer: str, take_in: TakeIn, order_id: str) -> None:
    take_in(order(known_customer, order_id))
    encoded = "".join(character if character.isalnum() else f"%{ord(character):02x}" for character in order_id)
    assert call(GET, customer_id=known_customer, order_id=encoded).json["id"] == order_id
    assert call(GET, customer_id=known_customer, order_id=order_id).json["id"] == order_id


@pytest.mark.parametrize("order_id", ["a%20b", "x" * 65, "%20"])
def test_what_cannot_be_an_id_is_named(call: Call, known_customer: str, order_id: str) -> None:
    answer = call(GET, customer_id=known_customer, order_id=order_id)
    assert answer.status == 400
    assert [error["field"] for error in answer.json["errors"]] == ["order_id"]


@pytest.mark.parametrize("order_id", ["PROFILE", "COMMIT", "METRICS"])
def test_an_id_reaches_nothing_but_orders(call: Call, known_customer: str, order_id: str) -> None:
    assert call(GET, customer_id=known_customer, order_id=order_id).status == 404


def test_an_order_has_an_etag(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(order(known_customer))
    etag = call(GET, customer_id=known_customer, order_id="o1").headers["ETag"]
    again = call(GET, customer_id=known_customer, order_id="o1", headers={"If-None-Match": f"W/{etag}"})
    assert (again.status, again.text) == (304, "")
    take_in(order(known_customer, status="refunded", updatedAt=instant(1)))
    assert call(GET, customer_id=known_customer, order_id="o1", headers={"If-None-Match": etag}).status == 200
