"""GET /api/admin/customers/{customer_id}/payments"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from support.builders import customer, instant, method, new_id, payment, removed_method
from support.gateway import Answer
from support.pages import pages

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
LIST = "list_payments"


@pytest.fixture
def payer(take_in: TakeIn) -> str:
    """Ten transactions of 0.10 euro, one a day: every third refunded, the others paid."""
    customer_id = new_id()
    take_in(customer(customer_id))
    for n in range(10):
        status = "succeeded" if n % 3 else "refunded"
        take_in(payment(customer_id, f"p{n}", status=status, amount=Decimal("0.10"), at=instant(n)))
    return customer_id


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [row["id"] for row in answer.json["transactions"]]


def methods(call: Call, customer_id: str) -> list[str]:
    return [row["id"] for row in call(LIST, customer_id=customer_id).json["methods"]]


def test_a_customer_who_never_paid(call: Call, known_customer: str) -> None:
    assert call(LIST, customer_id=known_customer).text == (
        '{"methods":[],"transactions":[],"totalSuccessful":{"count":0,"amount":0.00},'
        '"totalRefunded":{"count":0,"amount":0.00},"updatedAt":null}'
    )


# ---------------------------------------------------------------- Transactions


def test_the_newest_transaction_comes_first_with_what_a_row_shows(
    call: Call, known_customer: str, take_in: TakeIn
) -> None:
    take_in(
        payment(known_customer, "p1", amount=5),
        payment(known_customer, "p2", status="failed", at=instant(1), methodId="pm1", orderId="o1", currency="JPY"),
    )
    answer = call(LIST, customer_id=known_customer)
    assert answer.json["transactions"] == [
        {
            "id": "p2",
            "amount": 25,
            "currency": "JPY",
            "date": "2026-01-02T00:00:00Z",
            "status": "failed",
            "methodId": "pm1",
            "orderId": "o1",
        },
        {
            "id": "p1",
            "amount": Decimal("5.00"),
            "currency": "EUR",
            "date": "2026-01-01T00:00:00Z",
            "status": "succeeded",
        },
    ]
    assert '"amount":5.00,"currency":"EUR"' in answer.text
    assert '"amount":25,"currency":"JPY"' in answer.text


@pytest.mark.parametrize("limit", [1, 3, 9, 10, 11])
def test_pages_join_to_the_whole_list(call: Call, payer: str, limit: int) -> None:
    found = list(pages(call, LIST, {"limit": str(limit)}, customer_id=payer))
    assert [row["id"] for page in found for row in page["transactions"]] == [f"p{n}" for n in range(9, -1, -1)]
    assert len(found) == -(-10 // limit)
    assert len({str([page["methods"], page["totalSuccessful"], page["totalRefunded"]]) for page in found}) == 1


def test_every_older_transaction_comes_once_while_others_arrive(call: Call, payer: str, take_in: TakeIn) -> None:
    found = []
    for number, page in enumerate(pages(call, LIST, {"limit": "2"}, customer_id=payer)):
        found += [row["id"] for row in page["transactions"]]
        if number < 5:
            take_in(payment(payer, f"new{number}", at=instant(50 + number)))
            take_in(payment(payer, f"old{number}", at=instant(-50 - number)))
    assert [each for each in found if each.startswith("p")] == [f"p{n}" for n in range(9, -1, -1)]
    assert len(found) == len(set(found))
    assert not [each for each in found if each.startswith("new")]


@pytest.mark.parametrize(
    ("query", "field"), [({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"), ({"cursor": "x"}, "cursor")]
)
def test_what_is_not_valid_is_named(call: Call, payer: str, query: dict[str, str], field: str) -> None:
    answer = call(LIST, customer_id=payer, query=query)
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (400, [field])


def test_a_cursor_of_another_customer_is_refused(call: Call, payer: str, known_customer: str) -> None:
    cursor = call(LIST, customer_id=payer, query={"limit": "1"}).json["nextCursor"]
    answer = call(LIST, customer_id=known_customer, query={"cursor": cursor})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "cursor")
    assert ids(call(LIST, customer_id=payer, query={"cursor": cursor}))[0] == "p8"


# ---------------------------------------------------------------- Sums


def test_what_was_paid_and_refunded_in_all(call: Call, payer: str, take_in: TakeIn) -> None:
    take_in(payment(payer, "no", status="failed"), payment(payer, "later", status="pending"))
    answer = call(LIST, customer_id=payer, query={"limit": "1"})
    assert '"totalSuccessful":{"count":6,"amount":0.60},"totalRefunded":{"count":4,"amount":0.40}' in answer.text


def test_a_refund_leaves_what_was_paid(call: Call, payer: str, take_in: TakeIn) -> None:
    take_in(payment(payer, "p1", status="refunded", amount=Decimal("0.10"), at=instant(1), updatedAt=instant(20)))
    answer = call(LIST, customer_id=payer).json
    assert answer["totalSuccessful"] == {"count": 5, "amount": Decimal("0.50")}
    assert answer["totalRefunded"] == {"count": 5, "amount": Decimal("0.50")}


def test_other_currencies_are_counted_and_stand_for_themselves(call: Call, payer: str, take_in: TakeIn) -> None:
    take_in(
        payment(payer, "usd1", currency="USD", amount=Decimal("7.5")),
        payment(payer, "usd2", currency="USD", amount=Decimal("0.01")),
        payment(payer, "jpy", currency="JPY", amount=300),
        payment(payer, "kwd", currency="KWD", amount=1, status="refunded"),
    )
    answer = call(LIST, customer_id=payer)
    assert (
        '"totalSuccessful":{"count":9,"amount":0.60,"otherCurrencies":['
        '{"currency":"JPY","count":1,"amount":300},{"currency":"USD","count":2,"amount":7.51}]},'
        '"totalRefunded":{"count":5,"amount":0.40,"otherCurrencies":[{"currency":"KWD","count":1,"amount":1.000}]}'
    ) in answer.text


def test_who_pays_only_abroad_has_paid_nothing_at_home(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(payment(known_customer, currency="USD", amount=3))
    answer = call(LIST, customer_id=known_customer)
    others = '"otherCurrencies":[{"currency":"USD","count":1,"amount":3.00}]'
    assert f'"totalSuccessful":{{"count":1,"amount":0.00,{others}}}' in answer.text


def test_support_sees_amounts_and_counts_but_no_sum(call: Call, payer: str, take_in: TakeIn) -> None:
    take_in(payment(payer, "usd", currency="USD", amount=3))
    answer = call(LIST, customer_id=payer, role="support").json
    assert answer["transactions"][0]["amount"] == Decimal("0.10")
    assert answer["totalSuccessful"] == {"count": 7, "otherCurrencies": [{"currency": "USD", "count": 1}]}
    assert answer["totalRefunded"] == {"count": 4}


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_a_manager_sees_the_sums(call: Call, payer: str, role: str) -> None:
    assert call(LIST, customer_id=payer, role=role).json["totalSuccessful"]["amount"] == Decimal("0.60")


# ---------------------------------------------------------------- Methods


def test_a_method_shows_what_is_known_of_it(call: Call, known_customer: str, take_in: TakeIn) -> None:
    bare: dict[str, Any] = {"type": "wallet", "brand": None, "last4": None, "isDefault": False}
    take_in(
        method(known_customer, "pm2", **bare),
        method(known_customer, "pm1", expiryMonth=7, expiryYear=2031),
    )
    assert call(LIST, customer_id=known_customer).json["methods"] == [
        {
            "id": "pm1",
            "type": "card",
            "brand": "visa",
            "last4": "4242",
            "expiryMonth": 7,
            "expiryYear": 2031,
            "isDefault": True,
        },
        {"id": "pm2", "type": "wallet", "isDefault": False},
    ]


def test_the_default_comes_first_the_others_by_id(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(*(method(known_customer, name, isDefault=name == "m") for name in ("z", "m", "a", "B", "-", "a.1")))
    assert methods(call, known_customer) == ["m", "-", "B", "a", "a.1", "z"]


def test_another_method_becomes_the_default(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(method(known_customer, "a"), method(known_customer, "b", isDefault=False))
    take_in(
        method(known_customer, "b", updatedAt=instant(1)),
        method(known_customer, "a", isDefault=False, updatedAt=instant(1)),
    )
    assert methods(call, known_customer) == ["b", "a"]


def test_a_removed_method_is_gone_and_comes_back_only_anew(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(method(known_customer, "a"), removed_method(known_customer, "a", updatedAt=instant(2)))
    assert methods(call, known_customer) == []
    take_in(method(known_customer, "a", updatedAt=instant(1)))
    assert methods(call, known_customer) == []
    take_in(method(known_customer, "a", updatedAt=instant(3)))
    assert methods(call, known_customer) == ["a"]


def test_a_method_removed_before_it_came_never_shows(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(removed_method(known_customer, "a", updatedAt=instant(2)), method(known_customer, "a"))
    assert methods(call, known_customer) == []


def test_many_methods_and_more_tombstones_cost_one_bounded_read(
    call: Call, known_customer: str, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.payments import service
    from support.rights import recorded

    monkeypatch.setattr(service, "SHOWN_METHODS", 3)
    take_in(*(method(known_customer, f"m{n}", isDefault=n == 8) for n in range(9)))
    take_in(*(removed_method(known_customer, f"m{n}", updatedAt=instant(1)) for n in range(4)))
    with recorded() as calls:
        assert methods(call, known_customer) == ["m8", "m4", "m5"]
    asked = [arguments for _, arguments in calls if arguments.get("IndexName") == "by-state"]
    assert [arguments["Limit"] for arguments in asked] == [3]


def test_a_payment_is_no_method(call: Call, payer: str) -> None:
    assert methods(call, payer) == []


# ---------------------------------------------------------------- The section


def test_nothing_of_another_customer_is_shown(call: Call, payer: str, known_customer: str, take_in: TakeIn) -> None:
    take_in(method(payer))
    answer = call(LIST, customer_id=known_customer).json
    assert (answer["methods"], answer["transactions"], answer["totalSuccessful"]["count"]) == ([], [], 0)


def test_an_unknown_customer_is_404(call: Call) -> None:
    answer = call(LIST, customer_id=new_id())
    assert (answer.status, answer.json["detail"]) == (404, "no such customer")


def test_a_viewer_may_not_look(call: Call, payer: str) -> None:
    answer = call(LIST, customer_id=payer, role="viewer")
    assert (answer.status, answer.json["detail"]) == (403, "the permission payments:read is missing")


def test_the_section_says_when_payments_last_wrote(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(payment(known_customer, updatedAt=instant(3)))
    assert call(LIST, customer_id=known_customer).json["updatedAt"] == "2026-01-04T00:00:00Z"
    take_in(removed_method(known_customer, updatedAt=instant(7)))
    assert call(LIST, customer_id=known_customer).json["updatedAt"] == "2026-01-08T00:00:00Z"


def test_the_section_has_an_etag(call: Call, payer: str, take_in: TakeIn) -> None:
    etag = call(LIST, customer_id=payer).headers["ETag"]
    assert call(LIST, customer_id=payer, headers={"If-None-Match": etag}).status == 304
    take_in(method(payer))
    assert call(LIST, customer_id=payer, headers={"If-None-Match": etag}).status == 200
