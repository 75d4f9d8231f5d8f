"""Events that could not be applied: kept with the reason and their place in the file, until replayed or expired.

Keeping one is idempotent: its id follows from where the event came from, so a redelivery writes the same item again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from customer360.errors import NotFound
from customer360.exact_json import dumps, loads
from customer360.identifiers import is_identifier
from customer360.ingestion.cards import IDENTIFIERS, PAYMENT_IDENTIFIERS, masked, redacted
from customer360.ingestion.events import RECORDS, Rejected
from customer360.ingestion.table import REJECTED, RejectedItem
from customer360.privacy.tombstones import is_erased
from customer360.settings import settings

# An item holds 400 KB; what does not fit stays in the source's file or is too large to be applied anyway.
MAX_PAYLOAD_BYTES = 300 * 1024

_ID = re.compile(r"(\d{4})(\d{2})\d{2}T\d{12}-[0-9a-f]{16}")
_ESCAPED_SPACE = re.compile(r"\\[nrtf]|\\u00[aA]0|\\u20[0-9a-fA-F]{2}")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event came from: a message of the queue (`token` is its id) or a line of an import (`token` is its)."""

    token: str
    received_at: datetime
    file: str | None = None
    line: int | None = None


def keep(
    detail_type: Any, payload: str, rejection: Rejected, origin: Origin, customer_id: str | None = None
) -> RejectedItem:
    """Stores a rejected event; full card numbers are masked first, and then it cannot be replayed.

    `customer_id` is whom it is about, where that is known but the payload is no event that says so. Of one about a
    customer who was erased, only its place and the reason are kept.
    """
    parsed = _parsed(payload)
    kept, is_whole = _storable(payload, parsed)
    event = parsed if isinstance(parsed, dict) else {}
    identifier = _new_id(origin)
    item = RejectedItem(
        _month(identifier),
        identifier,
        detail_type=_storable_text(redacted(detail_type))[:128] if isinstance(detail_type, str) else "unknown",
        event_id=_identifier(event.get("eventId")),
        customer_id=_identifier(customer_id or event.get("customerId")),
        reason=rejection.reason,
        errors=rejection.errors,
        payload=kept,
        file=origin.file,
        line=origin.line,
        rejected_at=origin.received_at,
        replayable=is_whole,
        expires_at=_expiry(origin.received_at),
    )
    if item.customer_id and is_erased(item.customer_id):
        item.detail_type = item.detail_type if item.detail_type in RECORDS else "unknown"
        item.customer_id = item.event_id = item.payload = None
        item.errors, item.replayable = [], False
    item.save()
    return item


def find(identifier: str) -> RejectedItem:
    """Raises NotFound."""
    if not _ID.fullmatch(identifier):
        raise NotFound("rejected event")
    try:
        return RejectedItem.get(_month(identifier), identifier, consistent_read=True)
    except RejectedItem.DoesNotExist:
        raise NotFound("rejected event") from None


def newest_first(limit: int, before: str | None, now: datetime) -> Iterator[RejectedItem]:
    """At most `limit` rejected events that are older than the id `before`, month by month back to the oldest kept."""
    latest = now.strftime("%Y-%m") if before is None else _month(before).removeprefix(REJECTED)
    for month in _months(now):
        if month > latest or limit == 0:
            continue
        condition = RejectedItem.sk < before if before else None
        for item in RejectedItem.query(REJECTED + month, condition, scan_index_forward=False, limit=limit):
            limit -= 1
            yield item


def _months(now: datetime) -> Iterator[str]:
    """This month and those before it, as far back as anything is kept."""
    oldest = now - timedelta(days=int(settings().rejected_retention_days) + 31)
    month = now
    while month.strftime("%Y-%m") >= oldest.strftime("%Y-%m"):
        yield month.strftime("%Y-%m")
        month = month.replace(day=1) - timedelta(days=1)


def about_nobody(now: datetime, before: str | None = None) -> Iterator[tuple[list[RejectedItem], str]]:
    """All that are kept of which nobody can say whose they are, with what was sent, newest first: page by page as
    DynamoDB reads them, each with what to give as `before` to go on after it."""
    unknown = RejectedItem.customer_id.does_not_exist() & RejectedItem.payload.exists()
    latest = _month(before) if before else REJECTED + now.strftime("%Y-%m")
    for month in _months(now):
        if (partition := REJECTED + month) > latest:
            continue
        older = RejectedItem.sk < before if before else None
        found = RejectedItem.query(
            partition, older, filter_condition=unknown, consistent_read=True, scan_index_forward=False
        )
        for page in found.page_iter:
            last = page.get("LastEvaluatedKey")
            # All ids of a month come after its digits alone.
            reached = last["sk"]["S"] if last else month.replace("-", "")
            yield [RejectedItem.from_raw_data(item) for item in page["Items"]], reached


def of_import(token: str, started_at: datetime) -> Iterator[RejectedItem]:
    """The rejected lines of one import, in the order of the file."""
    first = f"{_instant(started_at)}-{sha256(token.encode()).hexdigest()[:6]}"
    yield from RejectedItem.query(_month(first), RejectedItem.sk.startswith(first), consistent_read=True)


def _storable(payload: str, event: Any) -> tuple[str | None, bool]:
    """The payload as it may be kept (None if it is too large to be), and whether it is whole, so can be replayed."""
    clean = _storable_text(payload)
    if len(clean.encode()) > MAX_PAYLOAD_BYTES:
        return None, False
    if event is None:
        safe = redacted(_ESCAPED_SPACE.sub(" ", clean))
        return safe, False
    safe_event = masked(event, identifiers=_identifiers_of(event))
    return (clean, True) if safe_event == event else (_storable_text(dumps(safe_event)), False)


def _identifiers_of(event: Any) -> frozenset[str]:
    """Only what the contract calls an identifier is one; of a type it does not know, no more than of a payment."""
    event_type = str(event.get("type")) if isinstance(event, dict) else ""
    is_other = event_type in RECORDS and not event_type.startswith("payment.")
    return IDENTIFIERS if is_other else PAYMENT_IDENTIFIERS


def _storable_text(text: str) -> str:
    """The text without lone surrogates, which JSON can spell but no database can store."""
    return text.encode(errors="replace").decode()


def _parsed(payload: str) -> Any:
    """The event as JSON, None if it is not even that."""
    try:
        return loads(payload)
    except ValueError:
        return None


def _identifier(value: Any) -> str | None:
    """Also of a source that sends a whole number: the event is refused, but everybody can tell whose it is."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and value == int(value):
        value = str(int(value))
    return value if isinstance(value, str) and is_identifier(value) else None


def _new_id(origin: Origin) -> str:
    """Sorts by time, within one import by line."""
    digest = sha256(origin.token.encode()).hexdigest()
    suffix = digest[:16] if origin.line is None else f"{digest[:6]}{origin.line:010x}"
    return f"{_instant(origin.received_at)}-{suffix}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")


def _month(identifier: str) -> str:
    return f"{REJECTED}{identifier[:4]}-{identifier[4:6]}"


def _expiry(at: datetime) -> int:
    return int((at + timedelta(days=int(settings().rejected_retention_days))).timestamp())
