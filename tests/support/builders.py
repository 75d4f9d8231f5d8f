"""Source events that are valid by default; say only what matters."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

BASE = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


def instant(days: float = 0) -> str:
    """An instant so many days after the first of 2026, as sources write it."""
    return (BASE + timedelta(days=days)).isoformat().replace("+00:00", "Z")


def new_id(prefix: str = "c") -> str:
    return f"{prefix}-{uuid4().hex[:12]}"


def source_event(event_type: str, customer_id: str, data: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    return {
        "type": event_type,
        "eventId": envelope.get("event_id") or new_id("e"),
        "customerId": customer_id,
        "occurredAt": envelope.get("occurred_at") or data.get("updatedAt") or instant(),
        "data": data,
    }


def customer(customer_id: str, *, event_id: str | None = None, **data: Any) -> dict[str, Any]:
    profile = {
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "phone": "+44 20 7946 0000",
        "registeredAt": instant(-100),
        "status": "active",
        "addresses": [
            {"id": "a1", "line1": "12 St James's Square", "city": "London", "country": "GB", "isPrimary": True}
        ],
        "optIns": {"email": True, "sms": False, "push": False},
        "updatedAt": instant(-100),
    }
    return source_event("customer.upserted", customer_id, profile | data, event_id=event_id)


def order(customer_id: str, order_id: str = "o1", *, event_id: str | None = None, **data: Any) -> dict[str, Any]:
    total = data.get("total", Decimal("25.00"))
    values = {
        "orderId": order_id,
        "number": f"N-{order_id}",
        "placedAt": instant(),
        "status": "completed",
        "currency": "EUR",
        "total": total,
        "lines": [{"name": "Tea", "category": "Drinks", "quantity": 1, "unitPrice": total}],
        "updatedAt": instant(),
    }
    return source_event("order.upserted", customer_id, values | data, event_id=event_id)


def points(
    customer_id: str, transaction_id: str, amount: int, *, event_id: str | None = None, **data: Any
) -> dict[str, Any]:
    values = {
        "transactionId": transaction_id,
        "type": "earned",
        "points": amount,
        "description": "Order",
        "at": instant(),
    }
    return source_event(
        "loyalty.points.recorded",
        customer_id,
        values | data,
        event_id=event_id,
        occurred_at=data.pop("occurredAt", None),
    )


def ticket(customer_id: str, ticket_id: str = "t1", *, event_id: str | None = None, **data: Any) -> dict[str, Any]:
    values = {
        "ticketId": ticket_id,
        "number": f"T-{ticket_id}",
        "subject": "Where is my parcel?",
        "status": "open",
        "priority": "high",
        "createdAt": instant(),
        "updatedAt": instant(),
    }
    return source_event("support.ticket.upserted", customer_id, values | data, event_id=event_id)


def message(customer_id: str, message_id: str = "m1", *, event_id: str | None = None, **data: Any) -> dict[str, Any]:
    values = {
        "messageId": message_id,
        "campaignId": "spring",
        "campaignName": "Spring sale",
        "channel": "email",
        "sentAt": instant(),
        "status": "delivered",
        "updatedAt": instant(),
    }
    return source_event("marketing.message.upserted", customer_id, values | data, event_id=event_id)


def session(customer_id: str, session_id: str = "s1", *, event_id: str | None = None, **data: Any) -> dict[str, Any]:
    values = {
        "sessionId": session_id,
        "startedAt": instant(),
        "endedAt": instant(0.01),
        "device": "mobile",
        "pageViews": 3,
        "categoriesViewed": [{"category": "Drinks", "count": 2}],
    }
    return source_event("analytics.session.recorded", customer_id, values | data, event_id=event_id)


def payment(
    customer_id: str, transaction_id: str = "p1", *, event_id: str | None = None, **data: Any
) -> dict[str, Any]:
    values = {
        "transactionId": transaction_id,
        "amount": Decimal("25.00"),
        "currency": "EUR",
        "status": "succeeded",
        "at": instant(),
        "updatedAt": instant(),
    }
    return source_event("payment.transaction.upserted", customer_id, values | data, event_id=event_id)


def method(customer_id: str, method_id: str = "pm1", *, event_id: str | None = None, **data: Any) -> dict[str, Any]:
    values = {"methodId": method_id, "type": "card", "brand": "visa", "last4": "4242", "isDefault": True}
    return source_event(
        "payment.method.upserted", customer_id, values | {"updatedAt": instant()} | data, event_id=event_id
    )


def removed_method(
    customer_id: str, method_id: str = "pm1", *, event_id: str | None = None, **data: Any
) -> dict[str, Any]:
    values = {"methodId": method_id, "updatedAt": instant()} | data
    return source_event("payment.method.removed", customer_id, values, event_id=event_id)


def account(customer_id: str, *, event_id: str | None = None, **data: Any) -> dict[str, Any]:
    values = {"tier": "gold", "referralCode": "ADA10", "referralCount": 2, "updatedAt": instant()} | data
    return source_event("loyalty.account.upserted", customer_id, values, event_id=event_id)
