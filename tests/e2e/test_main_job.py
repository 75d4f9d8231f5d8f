"""The main job over real HTTPS-shaped calls: source events in, the customer's page out."""

from decimal import Decimal
from typing import Any

import pytest

from customer360.exact_json import dumps
from e2e.shop import Shop, eventually
from support.builders import customer, instant, message, new_id, order, payment, points, session, ticket

pytestmark = pytest.mark.e2e


def test_events_on_the_bus_reach_the_page(shop: Shop) -> None:
    """Events before their customer, duplicates and an older version that comes late included."""
    customer_id = new_id()
    delivered = order(customer_id, "o1", status="delivered", total=Decimal("0.10"), updatedAt=instant(2))
    shop.send(delivered, order(customer_id, "o2", total=Decimal("0.20")), delivered)
    shop.send(customer(customer_id), message(customer_id), ticket(customer_id), session(customer_id))
    shop.send(payment(customer_id), points(customer_id, "p1", 1500))
    shop.send(order(customer_id, "o1", status="pending", total=Decimal("99.00"), updatedAt=instant(1)))
    view = shop.view(customer_id, orders=2)
    assert view["metrics"]["lifetimeValue"] == Decimal("0.30")
    assert view["profile"]["name"] == "Ada Lovelace"
    assert 0 <= view["healthScore"]["score"] <= 100

    def history() -> Any:
        found = shop.get(f"/api/admin/customers/{customer_id}/orders/o1").json()
        return found if len(found["statusHistory"]) > 1 else None

    found = eventually(history)
    assert found["status"] == "delivered"
    assert [change["status"] for change in found["statusHistory"]] == ["pending", "delivered"]


def test_an_event_that_cannot_be_applied_is_kept_and_replayed_once_mended(shop: Shop) -> None:
    customer_id, event_id = new_id(), new_id("e")
    shop.send(customer(customer_id), order(customer_id, currency="USD", event_id=event_id))

    def rejected() -> Any:
        rows = shop.get("/api/admin/ingestion/rejected?limit=100").json()["rejected"]
        return [row for row in rows if row.get("eventId") == event_id]

    (row,) = eventually(rejected)
    assert row["reason"] == "invalid"
    assert row["errors"][0]["field"] == "data.exchangeRate"
    replayed = shop.post(f"/api/admin/ingestion/rejected/{row['id']}/replay")
    assert (replayed.status_code, replayed.json()["outcome"]) == (200, "rejected")
    assert shop.post(f"/api/admin/ingestion/rejected/{row['id']}/replay", role="manager").status_code == 403


def test_a_full_card_number_is_refused_and_kept_nowhere(shop: Shop) -> None:
    customer_id, event_id, number = new_id(), new_id("e"), "4111 1111 1111 1111"
    shop.send(customer(customer_id), ticket(customer_id, description=f"my card {number}", event_id=event_id))
    shop.send(order(customer_id))

    def rejected() -> Any:
        rows = shop.get("/api/admin/ingestion/rejected?limit=100").json()["rejected"]
        return [row for row in rows if row.get("eventId") == event_id]

    (row,) = eventually(rejected)
    assert (row["reason"], row["replayable"]) == ("card_number", False)
    assert shop.post(f"/api/admin/ingestion/rejected/{row['id']}/replay").status_code == 409
    shop.view(customer_id, orders=1)
    for items in _everything_kept(shop):
        assert number not in items
        assert "4111111111111111" not in items


def _everything_kept(shop: Shop) -> list[str]:
    dynamodb, logs = shop.stack.client("dynamodb"), shop.stack.client("logs")
    tables = [
        str(page)
        for table in dynamodb.list_tables()["TableNames"]
        for page in dynamodb.get_paginator("scan").paginate(TableName=table)
    ]
    lines = [
        str(page)
        for group in logs.describe_log_groups()["logGroups"]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
    ]
    return tables + lines


def test_a_file_is_imported_with_exact_counts_and_importing_it_again_changes_nothing(shop: Shop) -> None:
    customer_id = new_id()
    events = [order(customer_id, f"o{number}", total=Decimal("1.10")) for number in range(30)]
    lines = [dumps(event) for event in [*events, customer(customer_id), events[0]]]
    body = "\n".join([*lines, "{not json", dumps(order(customer_id, "bad", status="lost"))])
    for copy, (applied, unchanged) in enumerate([(31, 1), (0, 32)]):
        key = f"events/{customer_id}-{copy}.jsonl.gz"
        shop.upload(key, body, packed=True)
        report = shop.report(key)
        counts = {name: report[name] for name in ("status", "read", "applied", "unchanged", "rejected")}
        assert counts == {
            "status": "completed",
            "read": 34,
            "applied": applied,
            "unchanged": unchanged,
            "rejected": 2,
        }
        assert [line["line"] for line in report["rejectedLines"]] == [33, 34]
    assert shop.view(customer_id, orders=30)["metrics"]["lifetimeValue"] == Decimal("33.00")


def test_a_csv_file_is_imported(shop: Shop) -> None:
    customer_id = new_id()
    shop.send(customer(customer_id))
    header = "customerId,orderId,number,placedAt,status,currency,total,lines,updatedAt"
    lines = '"[{""name"":""Tee, grün"",""quantity"":2,""unitPrice"":6.25}]"'
    row = f"{customer_id},o1,N1,2026-01-01T10:00:00Z,completed,EUR,12.50,{lines},2026-01-01T10:00:00Z"
    key = f"csv/order.upserted/{customer_id}.csv"
    shop.upload(key, f"{header}\r\n{row}\r\n")
    assert shop.report(key)["applied"] == 1
    assert shop.view(customer_id, orders=1)["metrics"]["lifetimeValue"] == Decimal("12.50")
    found = shop.get(f"/api/admin/customers/{customer_id}/orders/o1").json()
    assert found["lines"][0]["name"] == "Tee, grün"


def test_a_csv_header_that_cannot_be_used_is_said_in_the_report(shop: Shop) -> None:
    key = f"csv/order.upserted/{new_id()}.csv"
    shop.upload(key, "customerId,total\nc1,10\n")
    report = shop.report(key)
    assert report["status"] == "failed"
    assert "orderId" in report["failure"]
