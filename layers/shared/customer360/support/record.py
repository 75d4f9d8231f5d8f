"""What a support ticket means."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar, Literal

from pydantic import Field

from customer360.instants import from_sortable, sortable
from customer360.scoring.months import Signal, TicketState, by_month
from customer360.sources.fields import Identifier, Instant, Reference, SourceModel, Text, Title
from customer360.sources.record import Listing, Record, Shop, Snapshot, Totals, difference, key
from customer360.storage.keys import SUPPORT
from customer360.timeline.entries import Entry

TicketStatus = Literal["open", "in_progress", "waiting", "resolved", "closed"]
TicketPriority = Literal["low", "medium", "high", "urgent"]
OPEN = frozenset({"open", "in_progress", "waiting"})


class TicketMessage(SourceModel):
    id: Identifier
    content: Text
    at: Instant
    from_customer: bool
    author: Text | None = None


class Ticket(Record):
    """`support.ticket.upserted`: one version of a support ticket."""

    KIND: ClassVar[str] = "TICKET"
    SECTION: ClassVar[str] = "support"
    FEEDS: ClassVar[frozenset[str]] = frozenset({"support"})

    ticket_id: Identifier
    number: Reference
    subject: Title
    status: TicketStatus
    priority: TicketPriority
    category: Text | None = None
    description: Text | None = None
    assignee: Text | None = None
    created_at: Instant
    resolved_at: Instant | None = None
    messages: list[TicketMessage] = Field(default_factory=list)
    updated_at: Instant

    @property
    def subject_id(self) -> str:
        return self.ticket_id

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def listing(self) -> Listing:
        return Listing(
            by_time=key(self.KIND, self.created_at, self.ticket_id),
            by_state=key(f"{self.KIND}#{self.status}", self.created_at, self.ticket_id),
            summary={
                "id": self.ticket_id,
                "ticketNumber": self.number,
                "subject": self.subject,
                "status": self.status,
                "priority": self.priority,
                "category": self.category,
                "createdAt": sortable(self.created_at),
                "resolvedAt": sortable(self.resolved_at) if self.resolved_at else None,
            },
        )

    def totals(self, shop: Shop) -> Totals:
        totals = {"tickets": Decimal(1)}
        if self.is_open:
            totals |= {"open": Decimal(1), f"open:{self.priority}": Decimal(1)}
        elif self.resolved_at:
            took = max(0, int((self.resolved_at - self.created_at).total_seconds()))
            totals |= {"resolved": Decimal(1), "resolutionSeconds": Decimal(took)}
        resolved_on = shop.day_of(self.resolved_at) if self.resolved_at else None
        state = TicketState(self.priority, self.is_open, resolved_on)
        return {SUPPORT: totals} | by_month(Signal(shop.day_of(self.created_at), "tickets", detail=state.detail))

    def snapshot(self) -> Snapshot:
        return {
            "ticketId": self.ticket_id,
            "number": self.number,
            "createdAt": sortable(self.created_at),
            "updatedAt": sortable(self.updated_at),
            "status": self.status,
            "priority": self.priority,
            "subject": self.subject,
        }

    @classmethod
    def entries(cls, before: Snapshot | None, after: Snapshot) -> list[Entry]:
        ticket = {"ticketId": after["ticketId"], "ticketNumber": after["number"]}
        if before is None:
            at = from_sortable(after["createdAt"])
            metadata = ticket | {"status": after["status"], "priority": after["priority"]}
            return [Entry("opened", "support", f"Ticket {after['number']} opened", after["subject"], at, metadata)]
        return list(_changes(before, after, ticket))


def _changes(before: Snapshot, after: Snapshot, ticket: dict[str, Any]) -> Iterator[Entry]:
    at = from_sortable(after["updatedAt"])
    number = after["number"]
    if change := difference(before, after, "status"):
        text = f"Status changed from {change['before']} to {change['after']}"
        yield Entry("status", "support", f"Ticket {number} {after['status']}", text, at, ticket | change)
    if change := difference(before, after, "priority"):
        text = f"Priority changed from {change['before']} to {change['after']}"
        yield Entry("priority", "support", f"Ticket {number} is {after['priority']}", text, at, ticket | change)
