"""POST /api/admin/ingestion/rejected/{rejected_id}/replay"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from customer360.exact_json import dumps
from support.builders import customer, new_id, order, ticket
from support.gateway import Answer, bus_event, handler_of, sqs_event
from support.pages import rejections

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
Keep = Callable[..., str]
TakeIn = Callable[..., list[str]]
REPLAY = "replay_rejected_event"


def is_listed(call: Call, identifier: str) -> bool:
    return identifier in {item["id"] for item in rejections(call)}


def test_an_event_whose_cause_is_gone_is_applied_and_no_longer_listed(
    call: Call, known_customer: str, keep: Keep
) -> None:
    identifier = keep(order(known_customer))
    answer = call(REPLAY, rejected_id=identifier)
    assert (answer.status, answer.json) == (200, {"id": identifier, "outcome": "applied"})
    assert call("list_orders", customer_id=known_customer).json["totalOrders"] == 1
    assert not is_listed(call, identifier)
    assert call(REPLAY, rejected_id=identifier).status == 404


def test_from_the_bus_to_the_page_by_way_of_a_rejection(
    call: Call, invoke: Callable[..., Any], known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime

    from customer360.ingestion import intake
    from customer360.sources.record import Shop

    event = order(known_customer, currency="USD", total=Decimal("0.30"))
    batch = sqs_event(dumps(bus_event(event)))
    batch["Records"][0]["attributes"]["SentTimestamp"] = str(int(datetime.now(UTC).timestamp() * 1000))
    invoke("ingest_events", batch)
    identifier = next(item["id"] for item in rejections(call) if item.get("eventId") == event["eventId"])

    again = call(REPLAY, rejected_id=identifier)
    assert (again.status, again.json["outcome"], again.json["reason"]) == (200, "rejected", "invalid")
    assert again.json["errors"][0]["field"] == "data.exchangeRate"
    assert is_listed(call, identifier)

    monkeypatch.setattr(intake, "this_shop", lambda: Shop("USD", ZoneInfo("UTC")))  # the cause is gone
    assert call(REPLAY, rejected_id=identifier).json == {"id": identifier, "outcome": "applied"}
    assert call("get_order", customer_id=known_customer, order_id="o1").json["total"] == Decimal("0.30")


def test_what_came_another_way_meanwhile_changes_nothing(
    call: Call, known_customer: str, keep: Keep, take_in: TakeIn
) -> None:
    event = order(known_customer)
    identifier = keep(event)
    take_in(event)
    assert call(REPLAY, rejected_id=identifier).json["outcome"] == "unchanged"
    assert call("list_orders", customer_id=known_customer).json["totalOrders"] == 1
    assert not is_listed(call, identifier)


def test_an_older_version_than_the_current_one_stays_history(
    call: Call, known_customer: str, keep: Keep, take_in: TakeIn
) -> None:
    identifier = keep(order(known_customer, status="pending"))
    take_in(order(known_customer, status="delivered", updatedAt="2026-05-01T00:00:00Z"))
    assert call(REPLAY, rejected_id=identifier).json["outcome"] == "applied"
    assert call("get_order", customer_id=known_customer, order_id="o1").json["status"] == "delivered"


def test_an_event_of_a_customer_nobody_knows_yet_is_held(call: Call, keep: Keep, take_in: TakeIn) -> None:
    customer_id = new_id()
    assert call(REPLAY, rejected_id=keep(order(customer_id))).json["outcome"] == "held"
    take_in(customer(customer_id))
    assert call("list_orders", customer_id=customer_id).json["totalOrders"] == 1


def test_an_event_that_is_still_wrong_is_rejected_anew_with_the_new_reason(
    call: Call, known_customer: str, keep: Keep
) -> None:
    identifier = keep(ticket(known_customer, status="exploded"), reason="unknown_type")
    answer = call(REPLAY, rejected_id=identifier)
    assert answer.status == 200
    assert answer.json == {
        "id": identifier,
        "outcome": "rejected",
        "reason": "invalid",
        "errors": [{"field": "data.status", "message": answer.json["errors"][0]["message"]}],
    }
    assert next(item["reason"] for item in rejections(call) if item["id"] == identifier) == "invalid"


@pytest.mark.parametrize("description", ["my card 4111 1111 1111 1111", "4111111111111111"])
def test_a_redacted_event_cannot_be_replayed(call: Call, known_customer: str, keep: Keep, description: str) -> None:
    identifier = keep(ticket(known_customer, description=description), reason="card_number")
    answer = call(REPLAY, rejected_id=identifier)
    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert "redacted" in answer.json["detail"]
    assert is_listed(call, identifier)


@pytest.mark.parametrize("payload", ["not JSON", '{"broken":', "x" * 400_000])
def test_what_is_not_whole_cannot_be_replayed(call: Call, keep: Keep, payload: str) -> None:
    assert call(REPLAY, rejected_id=keep(payload)).status == 409


@pytest.mark.parametrize("payload", ["[]", "7", '{"detail-type":"order.upserted"}', '{"type":["a"]}'])
def test_what_is_no_event_is_rejected_anew(call: Call, keep: Keep, payload: str) -> None:
    answer = call(REPLAY, rejected_id=keep(payload))
    assert (answer.status, answer.json["outcome"]) == (200, "rejected")


@pytest.mark.parametrize(
    "rejected_id",
    ["unknown", "20260101T000000000000-0123456789abcdef", "PROGRESS", "20269999T000000000000-0123456789abcdef"],
)
def test_an_unknown_one_is_404(call: Call, rejected_id: str) -> None:
    answer = call(REPLAY, rejected_id=rejected_id)
    assert (answer.status, answer.json["detail"]) == (404, "no such rejected event")


@pytest.mark.parametrize("role", ["viewer", "support", "manager", None])
def test_only_who_manages_ingestion_may_replay(call: Call, known_customer: str, keep: Keep, role: str | None) -> None:
    identifier = keep(order(known_customer))
    for one in (identifier, "unknown"):
        answer = call(REPLAY, rejected_id=one, role=role)
        assert (answer.status, answer.json["detail"]) == (403, "the permission ingestion:manage is missing")
    assert call("list_orders", customer_id=known_customer).json["totalOrders"] == 0


# ---------------------------------------------------------------- Idempotency-Key


def test_the_same_key_answers_the_same_although_it_is_done(call: Call, known_customer: str, keep: Keep) -> None:
    identifier, key = keep(order(known_customer)), {"Idempotency-Key": new_id("key")}
    first = call(REPLAY, rejected_id=identifier, headers=key)
    again = call(REPLAY, rejected_id=identifier, headers=key)
    assert (first.status, first.json["outcome"]) == (200, "applied")
    assert (again.status, again.text) == (first.status, first.text)
    assert call(REPLAY, rejected_id=identifier).status == 404


def test_the_same_key_with_another_body_is_a_conflict(call: Call, known_customer: str, keep: Keep) -> None:
    identifier, key = keep(order(known_customer)), {"Idempotency-Key": new_id("key")}
    assert call(REPLAY, rejected_id=identifier, headers=key).status == 200
    assert call(REPLAY, rejected_id=identifier, headers=key, body={"more": 1}).status == 409


def test_while_the_first_is_worked_on_the_second_is_told_to_come_again(
    call: Call, known_customer: str, keep: Keep, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = handler_of(REPLAY).ingestion
    identifier, key = keep(order(known_customer)), {"Idempotency-Key": new_id("key")}
    replay, meanwhile = service.replay, []

    def slow(rejected_id: str) -> Any:
        meanwhile.append(call(REPLAY, rejected_id=identifier, headers=key))
        return replay(rejected_id)

    monkeypatch.setattr(service, "replay", slow)
    assert call(REPLAY, rejected_id=identifier, headers=key).json["outcome"] == "applied"
    assert (meanwhile[0].status, meanwhile[0].headers["Retry-After"]) == (409, "1")


def test_the_key_counts_per_path(call: Call, known_customer: str, keep: Keep) -> None:
    key = {"Idempotency-Key": new_id("key")}
    for order_id in ("o1", "o2"):
        identifier = keep(order(known_customer, order_id))
        assert call(REPLAY, rejected_id=identifier, headers=key).json == {"id": identifier, "outcome": "applied"}
    assert call("list_orders", customer_id=known_customer).json["totalOrders"] == 2


def test_the_key_counts_per_admin(call: Call, known_customer: str, keep: Keep, admin: Callable[..., Any]) -> None:
    identifier, key = keep(order(known_customer)), {"Idempotency-Key": new_id("key")}
    assert call(REPLAY, rejected_id=identifier, headers=key, claims=admin("admin").claims).status == 200
    assert call(REPLAY, rejected_id=identifier, headers=key, claims=admin("admin").claims).status == 404


def test_what_failed_may_be_tried_again_with_the_same_key(call: Call, known_customer: str, keep: Keep) -> None:
    key = {"Idempotency-Key": new_id("key")}
    redacted = keep(ticket(known_customer, description="4111111111111111"))
    assert [call(REPLAY, rejected_id=redacted, headers=key).status for _ in range(2)] == [409, 409]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_cannot_be_one_is_named(call: Call, known_customer: str, keep: Keep, key: str) -> None:
    answer = call(REPLAY, rejected_id=keep(order(known_customer)), headers={"Idempotency-Key": key})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "Idempotency-Key")


def test_a_kept_event_is_json_as_it_came(call: Call, known_customer: str, keep: Keep) -> None:
    event = dumps(order(known_customer, total=Decimal("0.10")))
    assert call(REPLAY, rejected_id=keep(event)).json["outcome"] == "applied"
    assert '"total":0.10' in call("get_order", customer_id=known_customer, order_id="o1").text
