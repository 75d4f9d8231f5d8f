"""What the timeline answers. What an entry tells besides is masked by the type of the field that holds it."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import ConfigDict

from customer360.api.schema import Instant, Needs, Number, Priced, Response, absent_if_none
from customer360.timeline.entries import EntryType


class Amounts(Response):
    """The money of an entry, in `currency`."""

    currency: str
    total: Priced[Decimal | None] = absent_if_none()
    amount: Priced[Decimal | None] = absent_if_none()
    before: Priced[Decimal | None] = absent_if_none()
    after: Priced[Decimal | None] = absent_if_none()


class Metadata(Response):
    """Ids and facts of what happened; of a change `field`, `before` and `after`, unless these are money or contact
    data, which stand in `amounts` and `contact`."""

    model_config = ConfigDict(extra="allow")

    items_count: Number | None = absent_if_none()
    amounts: Priced[Amounts | None] = absent_if_none()
    contact: Annotated[dict[str, Any] | None, Needs("contact:read")] = absent_if_none()


class TimelineEvent(Response):
    id: str
    type: EntryType
    title: str
    description: str
    timestamp: Instant
    metadata: Metadata | None = absent_if_none()


class TimelinePage(Response):
    """A page of what happened to the customer, newest first; only what the caller may see."""

    events: list[TimelineEvent]
    has_more: bool
    updated_at: Instant | None
    next_cursor: str | None = absent_if_none()
