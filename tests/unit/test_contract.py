"""The check that every answer in the tests of functions passes: it must see what a front end would stumble over."""

from typing import Any

import pytest

from support.contract import breaches
from support.gateway import Answer

ROW = {
    "id": "o1",
    "orderNumber": "1",
    "date": "2026-01-01T10:00:00Z",
    "status": "pending",
    "currency": "EUR",
    "itemsCount": 2,
}
PAGE = {"orders": [ROW], "totalOrders": 1, "updatedAt": None}


def answer(json: Any, *, status: int = 200, content_type: str = "application/json", etag: str = '"e"') -> Answer:
    headers = {"Content-Type": content_type, **({"ETag": etag} if etag else {})}
    return Answer(status=status, headers=headers, text="x" if json else "", json=json)


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        PAGE | {"nextCursor": "c", "totalRevenue": 1.5, "averageOrderValue": 1.5},
        PAGE | {"orders": [ROW | {"total": 1.5}], "updatedAt": "2026-01-01T10:00:00Z"},
    ],
    ids=["a viewer's", "a manager's", "support's"],
)
def test_what_the_document_says_passes(page: dict[str, Any]) -> None:
    assert breaches("list_orders", answer(page)) == []


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (PAGE | {"more": 1}, "'more' was unexpected"),
        (PAGE | {"orders": [ROW | {"secret": 1}]}, "'secret' was unexpected"),
        ({"orders": [], "totalOrders": 1}, "'updatedAt' is a required property"),
        (PAGE | {"nextCursor": None}, "None is not of type 'string'"),
        (PAGE | {"orders": [ROW | {"total": "1.50"}]}, "'1.50' is not of type 'number'"),
        (PAGE | {"orders": [ROW | {"status": "lost"}]}, "'lost' is not one of"),
        (PAGE | {"updatedAt": "yesterday"}, "'yesterday' is not"),
    ],
)
def test_what_it_does_not_say_is_found(page: dict[str, Any], told: str) -> None:
    (found,) = breaches("list_orders", answer(page))
    assert told in found


def test_a_status_a_type_and_a_header_that_are_not_documented_are_found() -> None:
    assert breaches("list_orders", answer(PAGE, status=202)) == ["the status 202 is not documented"]
    assert breaches("list_orders", answer(PAGE, content_type="text/html")) == [
        "the content type text/html is not documented"
    ]
    assert breaches("list_orders", answer(PAGE, etag="")) == ["the header ETag is missing"]
    assert breaches("list_orders", answer(PAGE, status=304)) == ["has a body"]
