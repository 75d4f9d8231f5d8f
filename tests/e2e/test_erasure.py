"""An admin erases a customer of a deployed stack: by the queue, the stream and the rights it really has."""

from typing import Any

import pytest

from e2e.shop import Shop, eventually
from support.builders import customer, new_id, order
from support.finding import new_word

pytestmark = pytest.mark.e2e


def erasure(shop: Shop, job_id: str) -> dict[str, Any]:
    answer = shop.get(f"/api/admin/erasures/{job_id}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_customer_is_gone_at_once_everywhere_soon_and_does_not_come_back(shop: Shop) -> None:
    customer_id, other, name = new_id(), new_id(), new_word()
    page = f"/api/admin/customers/{customer_id}"
    shop.send(customer(customer_id, name=f"Zoë {name}"), order(customer_id))
    shop.view(customer_id, orders=1)
    eventually(lambda: shop.get(f"/api/admin/customers/search?q={name}").json()["customers"])
    assert shop.post(f"{page}/notes", body={"content": "Calls on Mondays."}).status_code == 201

    begun = shop.request("DELETE", page)
    assert begun.status_code == 202, begun.text
    assert shop.get(f"{page}/360").status_code == 404
    job_id = begun.json()["jobId"]
    assert eventually(lambda: erasure(shop, job_id)["status"] == "verified")
    receipt = erasure(shop, job_id)["receipt"]
    erased = {place["place"]: place["erased"] for place in receipt["places"]}
    assert erased["records"] > 5
    assert erased["audit-lines"] > 0
    assert shop.get(f"/api/admin/customers/search?q={name}").json()["customers"] == []
    lines = shop.get(f"/api/admin/audit?customerId={customer_id}").json()["entries"]
    assert receipt["customer"] in {line["customerId"] for line in lines}

    shop.send(customer(customer_id), order(customer_id, "late"), customer(other))
    eventually(lambda: shop.get(f"/api/admin/customers/{other}/360").status_code == 200)
    assert shop.get(f"{page}/360").status_code == 404
    assert shop.request("DELETE", page).json() == {"jobId": job_id}
