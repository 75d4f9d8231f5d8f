"""SQS, fed by the event bus: source events become customers, or rejections; nothing is lost."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from customer360.exact_json import dumps
from support.builders import customer, instant, method, new_id, order, payment, points, ticket
from support.gateway import Answer, bus_event, handler_of, sqs_event
from support.pages import rejections

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
INGEST = "ingest_events"
SAMPLE = Path(__file__).parents[2] / "events" / "ingest_events.json"
NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


def batch_of(*events: dict[str, Any]) -> dict[str, Any]:
    """The events as the bus puts them into the queue."""
    return sqs_event(*(dumps(bus_event(event)) for event in events))


def deliver(invoke: Invoke, *events: dict[str, Any]) -> Any:
    return invoke(INGEST, batch_of(*events))


def rejected(call: Call, **fields: str) -> list[dict[str, Any]]:
    """Every rejection listed that has these fields."""
    return [item for item in rejections(call) if fields.items() <= item.items()]


def as_sent_now(event: dict[str, Any]) -> dict[str, Any]:
    """A batch sent this minute; rejections of older ones are no longer listed."""
    from datetime import UTC, datetime

    for record in event["Records"]:
        record["attributes"]["SentTimestamp"] = str(int(datetime.now(UTC).timestamp() * 1000))
    return event


def test_one_event_of_every_type_makes_a_whole_customer(call: Call, invoke: Invoke) -> None:
    customer_id = new_id()
    text = SAMPLE.read_text().replace("c-1001", customer_id).replace("sample-", new_id("e") + "-")
    assert invoke(INGEST, json.loads(text)) == NOTHING_FAILED
    view = call("get_customer_360", customer_id=customer_id).json
    assert (view["profile"]["name"], view["profile"]["loyaltyTier"], view["version"]) == ("Grace Hopper", "silver", 10)
    assert view["metrics"]["lifetimeValue"] == Decimal("55.02")
    assert view["churnRisk"]["factors"]["supportIssues"] == 1
    assert call("get_order", customer_id=customer_id, order_id="o-5001").json["total"] == Decimal("59.80")
    assert invoke(INGEST, json.loads(text)) == NOTHING_FAILED
    assert call("get_customer_360", customer_id=customer_id).json["version"] == 10


def test_an_event_delivered_twice_counts_once(call: Call, invoke: Invoke) -> None:
    customer_id = new_id()
    twice = order(customer_id, total=Decimal("0.10"))
    assert deliver(invoke, customer(customer_id), twice, twice) == NOTHING_FAILED
    deliver(invoke, twice)
    assert call("get_customer_360", customer_id=customer_id).json["metrics"]["totalOrders"] == 1


def test_events_ahead_of_their_customer_are_applied_when_the_customer_comes(call: Call, invoke: Invoke) -> None:
    customer_id = new_id()
    early = [order(customer_id, total=Decimal("0.10")), ticket(customer_id), points(customer_id, "l1", 5)]
    assert deliver(invoke, *early) == NOTHING_FAILED
    assert call("get_customer_360", customer_id=customer_id).status == 404
    deliver(invoke, customer(customer_id))
    view = call("get_customer_360", customer_id=customer_id).json
    assert (view["metrics"]["lifetimeValue"], view["profile"]["loyaltyTier"]) == (Decimal("0.10"), "bronze")


def test_an_older_version_that_comes_later_changes_nothing_that_is_current(call: Call, invoke: Invoke) -> None:
    customer_id = new_id()
    newer = order(customer_id, status="delivered", total=Decimal("5.00"), updatedAt=instant(2))
    older = order(customer_id, status="pending", total=Decimal("9.00"), updatedAt=instant(1))
    deliver(invoke, customer(customer_id), newer, older)
    current = call("get_order", customer_id=customer_id, order_id="o1").json
    assert (current["status"], current["total"]) == ("delivered", Decimal("5.00"))
    assert [change["status"] for change in current["statusHistory"]] == ["pending", "delivered"]


def test_a_bad_event_is_kept_with_its_reason_and_holds_nobody_up(call: Call, invoke: Invoke) -> None:
    customer_id = new_id()
    foreign = order(customer_id, "o2", currency="USD")
    unheard_of = {**ticket(customer_id), "type": "ticket.exploded"}
    huge = ticket(customer_id, description="x" * 250_000)
    batch = as_sent_now(batch_of(foreign, unheard_of, customer(customer_id), huge, order(customer_id)))
    assert invoke(INGEST, batch) == NOTHING_FAILED
    assert call("get_customer_360", customer_id=customer_id).json["metrics"]["totalOrders"] == 1
    kept = {item["eventId"]: item for item in rejected(call, customerId=customer_id)}
    assert {event_id: item["reason"] for event_id, item in kept.items()} == {
        foreign["eventId"]: "invalid",
        unheard_of["eventId"]: "unknown_type",
        huge["eventId"]: "too_large",
    }
    assert kept[foreign["eventId"]]["errors"][0]["field"] == "data.exchangeRate"
    assert kept[foreign["eventId"]]["detailType"] == "order.upserted"
    assert kept[unheard_of["eventId"]]["detailType"] == "ticket.exploded"
    assert all(item["replayable"] for item in kept.values())


def test_the_same_message_delivered_again_is_kept_once(call: Call, invoke: Invoke) -> None:
    event = order(new_id(), currency="USD")
    batch = as_sent_now(batch_of(event))
    invoke(INGEST, batch)
    invoke(INGEST, batch)
    assert len(rejected(call, eventId=event["eventId"])) == 1


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        "[]",
        "null",
        "7",
        '{"detail": {}}',
        '{"detail-type": "order.upserted"}',
        "",
        "[" * 50_000,
        '{"detail-type":"order.upserted","detail":{"a":1e999999999}}',
        '{"detail-type":"\\ud800","detail":{"name":"\\ud800"}}',
        '{"detail-type":"order.upserted","detail":"\\ud800"}',
        '{"detail-type":["order.upserted"],"detail":{}}',
    ],
)
def test_a_message_that_is_no_event_is_kept_too(call: Call, invoke: Invoke, body: str) -> None:
    before = {item["id"] for item in rejected(call)}
    assert invoke(INGEST, as_sent_now(sqs_event(body))) == NOTHING_FAILED
    (item,) = [item for item in rejected(call) if item["id"] not in before]
    assert item["reason"] in {"invalid", "unknown_type"}
    assert "None" not in item["detailType"]


def everything_in(table: str) -> str:
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return json.dumps([page["Items"] for page in pages], ensure_ascii=False)


def with_field(event: dict[str, Any], name: str) -> dict[str, Any]:
    event["data"][name] = 1
    return event


WRITTEN: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "free text": lambda customer_id, number: ticket(customer_id, description=f"my card {number} does not work"),
    "payment field": lambda customer_id, number: order(customer_id, paymentMethod=number),
    "methodId": method,
    "unknown field of a payment": lambda customer_id, number: payment(customer_id, number=number),
    "unknown field of an invalid order": lambda customer_id, number: order(customer_id, currency="USD", note=[number]),
    "name of a field": lambda customer_id, number: with_field(order(customer_id, currency="USD"), number),
    "payment of an unknown type": lambda customer_id, number: (
        payment(customer_id, number=number) | {"type": "payments"}
    ),
}
AS_TYPE = pytest.param(
    lambda customer_id, number: order(customer_id) | {"type": number},
    id="type",
)


@pytest.mark.parametrize("write", [*(pytest.param(write, id=where) for where, write in WRITTEN.items()), AS_TYPE])
def test_a_card_number_is_kept_nowhere(
    call: Call, invoke: Invoke, capfd: pytest.CaptureFixture[str], write: Callable[[str, str], dict[str, Any]]
) -> None:
    number = a_card_of_its_own()
    event = write(new_id(), number)
    assert invoke(INGEST, as_sent_now(batch_of(event))) == NOTHING_FAILED
    (item,) = rejected(call, eventId=event["eventId"])
    for text in (json.dumps(item), everything_in("JobsTable"), everything_in("CustomersTable"), *capfd.readouterr()):
        assert number not in text
    assert item["replayable"] is False


def a_card_of_its_own() -> str:
    from customer360.ingestion.cards import luhn

    stem = f"4929{uuid4().int % 10**11:011}"
    return next(stem + digit for digit in "0123456789" if luhn(stem + digit))


def test_only_a_message_that_failed_comes_again(call: Call, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    handler, good, bad = handler_of(INGEST), new_id(), new_id()
    original = handler.take_in_or_keep

    def flaky(event_type: Any, event: Any, *more: Any, **options: Any) -> Any:
        if event["customerId"] == bad:
            raise TimeoutError
        return original(event_type, event, *more, **options)

    monkeypatch.setattr(handler, "take_in_or_keep", flaky)
    batch = batch_of(customer(bad), customer(good))
    assert invoke(INGEST, batch) == {"batchItemFailures": [{"itemIdentifier": batch["Records"][0]["messageId"]}]}
    assert call("get_customer_360", customer_id=good).status == 200
    assert call("get_customer_360", customer_id=bad).status == 404


def test_what_is_left_of_much_that_was_held_goes_on_in_a_new_message(
    invoke: Invoke, ingest_queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.errors import HeldRemaining

    def out_of_time(*_: Any, **__: Any) -> None:
        raise HeldRemaining("not all that was held is applied yet")

    monkeypatch.setattr(handler_of(INGEST), "take_in_or_keep", out_of_time)
    batch = batch_of(customer(new_id()))
    assert invoke(INGEST, batch) == NOTHING_FAILED
    (message,) = boto3.client("sqs").receive_message(QueueUrl=ingest_queue)["Messages"]
    assert message["Body"] == batch["Records"][0]["body"]
