"""The search on a deployed stack: whoever comes can be found, soon, and by a filter just given."""

from typing import Any

import pytest

from e2e.shop import Shop, eventually
from support.builders import customer, instant, new_id, order
from support.finding import new_word

pytestmark = pytest.mark.e2e

SEARCH = "/api/admin/customers/search"


def found(shop: Shop, role: str = "admin", **query: Any) -> list[str]:
    answer = shop.get(f"{SEARCH}?{'&'.join(f'{name}={value}' for name, value in query.items())}", role)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Total-Count"] == str(answer.json()["total"])
    return [row["id"] for row in answer.json()["customers"]]


def test_a_customer_is_found_by_what_they_are_soon_after_they_come_and_change(shop: Shop) -> None:
    customer_id, name, local, number = new_id(), new_word(), new_word(), new_word()
    shop.send(customer(customer_id, name=f"Zoë {name}", email=f"{local}@example.com"))
    assert eventually(lambda: found(shop, q=f"zoe%20{name[:8]}")) == [customer_id]
    shop.send(order(customer_id, number=number))
    assert eventually(lambda: found(shop, q=number)) == [customer_id]
    assert eventually(lambda: found(shop, q=name, orderCountMin=1, clvMin=25)) == [customer_id]
    assert found(shop, q=f"{local}@example.com", role="support") == [customer_id]
    assert found(shop, q=f"{local}@example.com", role="viewer") == []
    shop.send(customer(customer_id, name=f"Zoë {name}", email="new@example.com", updatedAt=instant(5)))
    row = eventually(lambda: former(shop, local))
    assert row["match"] == "former"


def former(shop: Shop, local: str) -> Any:
    rows = shop.get(f"{SEARCH}?q={local}").json()["customers"]
    return next((row for row in rows if "match" in row), None)


def test_a_tag_is_a_filter_within_moments(shop: Shop) -> None:
    customer_id, name = new_id(), new_word()
    shop.send(customer(customer_id, name=name))
    eventually(lambda: found(shop, q=name))
    tag_id = shop.post("/api/admin/tags", body={"name": new_id("tag"), "color": "#112233"}).json()["id"]
    assert shop.post(f"/api/admin/customers/{customer_id}/tags", body={"tagId": tag_id}).status_code == 201
    assert eventually(lambda: found(shop, tag=tag_id)) == [customer_id]
