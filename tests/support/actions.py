"""What admins do to a customer, and what is told of it."""

from collections.abc import Callable
from typing import Any

from customer360.customers.recount import Difference, verify
from customer360.ingestion.intake import this_shop
from support.collection import collection
from support.gateway import Answer
from support.rights import recorded
from support.scores import FOLLOWER, messages, record_of, sent, work

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
Event = dict[str, Any]


def adjust(call: Call, customer_id: str, points: Any, key: str | None = None, **request: Any) -> Answer:
    """Points given or taken, for a reason."""
    headers = {"Idempotency-Key": key} if key else {}
    body = {"points": points, "reason": "For the late parcel."}
    return call(
        "adjust_points", customer_id=customer_id, headers=headers, **{"body": body, "role": "manager"} | request
    )


def open_ticket(call: Call, customer_id: str, key: str | None = None, **body: Any) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"subject": "Parcel has not come", "description": "Promised for last Friday."} | body
    return call("create_ticket", customer_id=customer_id, headers=headers, body=body, role="support")


def send_email(call: Call, customer_id: str, key: str | None = None, **body: Any) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"subject": "Your parcel", "body": "Dear Ada,\n\nit is on its way."} | body
    return call("send_email", customer_id=customer_id, headers=headers, body=body, role="support")


def balance(call: Call, customer_id: str) -> int:
    return int(call("get_loyalty", customer_id=customer_id).json["pointsBalance"])


def told(call: Call, customer_id: str, types: str = "action", role: str = "admin") -> list[dict[str, Any]]:
    """The entries of these types in the timeline, newest first."""
    answer = call("list_timeline_events", customer_id=customer_id, query={"type": types, "limit": "100"}, role=role)
    found: list[dict[str, Any]] = answer.json["events"]
    return found


def outbox(customer_id: str) -> list[str]:
    """The sort keys of the events that are still to be told."""
    return [key for key in collection(customer_id) if key.startswith("OUTBOX#")]


def told_later(invoke: Invoke, customer_id: str) -> list[Event]:
    """Lets the follower of the stream see the outbox, and has done what it asks for; gives what went on the bus."""
    records = [record_of(customer_id, key) for key in outbox(customer_id)]
    with recorded() as calls:
        invoke(FOLLOWER, {"Records": records})
        work(invoke, *sent(calls))
    return messages(calls)


def echo(asked: Event, event_id: str, **data: Any) -> Event:
    """The source's own event about what it was asked for."""
    kinds = {
        "loyalty.adjustment.requested": "loyalty.points.recorded",
        "support.ticket.requested": "support.ticket.upserted",
    }
    occurred_at = data.pop("occurredAt", asked["occurredAt"])
    return {
        "type": kinds[asked["type"]],
        "eventId": event_id,
        "customerId": asked["customerId"],
        "occurredAt": occurred_at,
        "data": asked["data"] | data,
    }


def recounted(customer_id: str) -> list[Difference]:
    """What is kept and is not what a recount of the history gives."""
    return verify(customer_id, this_shop())
