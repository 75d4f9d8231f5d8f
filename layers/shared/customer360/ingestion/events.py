"""Source events: the envelope, the types, and why one is refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from customer360.analytics.record import Session
from customer360.customers.record import Customer
from customer360.exact_json import dumps, loads
from customer360.ingestion.cards import IDENTIFIERS, PAYMENT_IDENTIFIERS, card_fields
from customer360.instants import from_sortable
from customer360.loyalty.record import LoyaltyAccount, PointsTransaction
from customer360.marketing.record import MarketingMessage
from customer360.orders.record import Order
from customer360.payments.record import PaymentMethod, PaymentTransaction, RemovedPaymentMethod
from customer360.sources.fields import Identifier, Instant, SourceModel
from customer360.sources.record import Record, Shop
from customer360.support.record import Ticket
from customer360.timeline.entries import OURS

RECORDS: Mapping[str, type[Record]] = {
    "customer.upserted": Customer,
    "order.upserted": Order,
    "payment.method.upserted": PaymentMethod,
    "payment.method.removed": RemovedPaymentMethod,
    "payment.transaction.upserted": PaymentTransaction,
    "loyalty.account.upserted": LoyaltyAccount,
    "loyalty.points.recorded": PointsTransaction,
    "marketing.message.upserted": MarketingMessage,
    "support.ticket.upserted": Ticket,
    "analytics.session.recorded": Session,
}

MAX_BYTES = 240 * 1024
MAX_ERRORS = 50
# Earlier than any instant of a source's.
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

_FIELD = re.compile(r"[a-z][A-Za-z0-9]*")

Validated = TypeVar("Validated", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SourceEvent:
    """A valid event: everything the engine needs to apply it, nothing the source added beyond the contract."""

    type: str
    event_id: str
    customer_id: str
    occurred_at: datetime
    record: Record

    @property
    def written_at(self) -> datetime:
        """When its source wrote the record."""
        return self.record.version_at(self.occurred_at)

    @property
    def version_at(self) -> datetime:
        """What decides between versions. What we have made ourselves comes before all that a source says of it,
        whatever the clocks."""
        return BEFORE_ALL if self.event_id.startswith(OURS) else self.written_at

    def as_json(self) -> str:
        """The event again, as JSON that `read_event` accepts."""
        return dumps(
            {
                "type": self.type,
                "eventId": self.event_id,
                "customerId": self.customer_id,
                "occurredAt": self.occurred_at,
                "data": self.record.model_dump(exclude_none=True),
            }
        )

    @staticmethod
    def from_stored(text: str) -> "SourceEvent":
        """An event that was valid when it was held, whatever the limits say now."""
        event = loads(text)
        record = RECORDS[event["type"]].model_validate(event["data"])
        occurred_at = from_sortable(event["occurredAt"])
        return SourceEvent(event["type"], event["eventId"], event["customerId"], occurred_at, record)


class Rejected(Exception):
    """An event that cannot be applied: a reason (a short code) and, for each field at fault, what is wrong with it.

    Neither the reason nor the messages quote what the source sent.
    """

    def __init__(self, reason: str, errors: list[dict[str, str]]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.errors = errors[:MAX_ERRORS]


class _Envelope(SourceModel):
    event_id: Identifier
    customer_id: Identifier
    occurred_at: Instant
    data: dict[str, Any]


def read_event(event_type: Any, event: Any, shop: Shop) -> SourceEvent:
    """Validates `{eventId, customerId, occurredAt, data}` of the given type. Raises Rejected naming the fields."""
    model = RECORDS.get(event_type) if isinstance(event_type, str) else None
    if model is None:
        raise Rejected("unknown_type", [{"field": "type", "message": f"must be one of {', '.join(RECORDS)}"}])
    if not isinstance(event, dict):
        raise Rejected("invalid", [{"field": "", "message": "must be a JSON object"}])
    if len(dumps({name: event[name] for name in event if name != "type"}).encode(errors="replace")) > MAX_BYTES:
        raise Rejected("too_large", [{"field": "", "message": f"an event is at most {MAX_BYTES} bytes of JSON"}])
    is_payment = event_type.startswith("payment.")
    if is_payment:
        _refuse_card_numbers(event.get("data"), is_payment=True)
    envelope = _validated(_Envelope, event, "")
    record = _validated(model, envelope.data, "data")
    _refuse_card_numbers(record.model_dump(exclude_none=True), is_payment=is_payment)
    if refusal := record.refusal(shop):
        raise Rejected("invalid", [{"field": refusal[0], "message": refusal[1]}])
    return SourceEvent(event_type, envelope.event_id, envelope.customer_id, envelope.occurred_at, record)


def _validated(model: type[Validated], value: Any, path: str) -> Validated:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Rejected("invalid", field_errors(error, path)) from None


def field_errors(error: ValidationError, path: str = "") -> list[dict[str, str]]:
    """One `{field, message}` a fault, the field as a dotted path; capped; never what was sent."""
    details = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ERRORS]
    return [
        {"field": _dotted(path, detail["loc"]), "message": detail["msg"].removeprefix("Value error, ")}
        for detail in details
    ]


def _dotted(path: str, location: tuple[int | str, ...]) -> str:
    """The place as fields and positions; pydantic also names the branch of a union, which no sender knows."""
    parts = [str(part) for part in location if isinstance(part, int) or _FIELD.fullmatch(part)]
    return ".".join([path, *parts] if path else parts)


def _refuse_card_numbers(data: Any, *, is_payment: bool) -> None:
    identifiers = PAYMENT_IDENTIFIERS if is_payment else IDENTIFIERS
    found = card_fields(data, ("data",), identifiers=identifiers, numbers=is_payment)
    fields = list(dict.fromkeys(islice(found, MAX_ERRORS)))
    if fields:
        message = "holds a full card number, which is never accepted"
        raise Rejected("card_number", [{"field": field, "message": message} for field in fields])
