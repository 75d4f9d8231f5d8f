"""A customer's support tickets: a page of them by index, one of them whole."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from customer360.api import cursor as cursors
from customer360.ratios import average
from customer360.storage.heads import some_heads
from customer360.storage.keys import SUPPORT, partition
from customer360.storage.paging import By, index_stream, page_of
from customer360.storage.parallel import at_once
from customer360.storage.subjects import find_subject
from customer360.support import record as records
from customer360.support import schemas
from customer360.support.record import TicketStatus

KIND = records.Ticket.KIND
HOUR_SECONDS = 3600


def page(customer_id: str, *, status: TicketStatus | None, limit: int, cursor: str | None) -> schemas.TicketPage:
    """Newest first. Raises NotFound, and Invalid for a cursor of another list."""
    scope = ("tickets", customer_id, status)
    position = cursors.decode(cursor, *scope)
    by, prefix = (By.STATE, f"{KIND}#{status}") if status else (By.TIME, KIND)
    tickets = index_stream(partition(customer_id), by, prefix)
    heads, found = at_once((partial(some_heads, customer_id, SUPPORT), partial(page_of, [tickets], limit, position)))
    totals = heads.totals(SUPPORT)
    return schemas.TicketPage(
        tickets=[schemas.TicketRow.model_validate(row.summary) for row in found.rows],
        total_tickets=int(totals.get("tickets", 0)),
        open_tickets=int(totals.get("open", 0)),
        average_resolution_time=_average_resolution_hours(totals),
        updated_at=heads.updated_at("support"),
        next_cursor=cursors.encode(found.next_position, *scope) if found.next_position else None,
    )


def get(customer_id: str, ticket_id: str) -> schemas.Ticket:
    """One ticket whole. Raises NotFound for the customer or the ticket."""
    found = find_subject(customer_id, KIND, ticket_id)
    ticket = records.Ticket.from_stored(found.record)
    return schemas.Ticket(
        id=ticket.ticket_id,
        ticket_number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        priority=ticket.priority,
        category=ticket.category,
        created_at=ticket.created_at,
        resolved_at=ticket.resolved_at,
        description=ticket.description,
        assignee=ticket.assignee,
        messages=[
            schemas.TicketMessage.model_validate(message)
            for message in sorted(ticket.messages, key=lambda message: message.at)
        ],
        status_history=[schemas.TicketStatusChange.model_validate(change) for change in found.status_history],
        updated_at=ticket.updated_at,
    )


def _average_resolution_hours(totals: Mapping[str, Decimal]) -> Decimal | None:
    resolved = totals.get("resolved")
    return average(totals.get("resolutionSeconds", Decimal(0)), HOUR_SECONDS * resolved) if resolved else None
