"""A customer's support tickets: a page of them by index, one of them whole."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial

from customer360.api import cursor as cursors
from customer360.instants import sortable
from customer360.ratios import average
from customer360.storage.heads import some_heads
from customer360.storage.keys import SUPPORT, partition
from customer360.storage.paging import By, index_stream, page_of
from customer360.storage.parallel import at_once
from customer360.storage.subjects import StatusChange, Subject, Subjects, find_subject
from customer360.support import record as records
from customer360.support import schemas
from customer360.support.record import TicketStatus

KIND = records.Ticket.KIND
HOUR_SECONDS = 3600


def page(
    customer_id: str,
    *,
    status: TicketStatus | None,
    limit: int,
    cursor: str | None,
    created: tuple[datetime | None, datetime | None] = (None, None),
) -> schemas.TicketPage:
    """Newest first. Raises NotFound, and Invalid for a cursor of another list."""
    scope = ("tickets", customer_id, status, *(sortable(bound) if bound else None for bound in created))
    position = cursors.decode(cursor, *scope)
    by, prefix = (By.STATE, f"{KIND}#{status}") if status else (By.TIME, KIND)
    tickets = index_stream(partition(customer_id), by, prefix)
    heads, found = at_once(
        (partial(some_heads, customer_id, SUPPORT), partial(page_of, [tickets], limit, position, *created))
    )
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
    return _whole(find_subject(customer_id, KIND, ticket_id))


def reader(customer_id: str) -> Callable[[Sequence[str]], list[schemas.Ticket]]:
    """Gives tickets whole by their ids, some at a time, to who wants very many. It raises NotFound as `get` does."""
    found = Subjects(customer_id, KIND)
    return lambda ticket_ids: [_whole(ticket) for ticket in found.several(ticket_ids)]


def _whole(found: Subject) -> schemas.Ticket:
    return shown(records.Ticket.from_stored(found.record), found.status_history)


def shown(ticket: records.Ticket, status_history: Sequence[StatusChange]) -> schemas.Ticket:
    """A ticket as it is answered."""
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
        status_history=[schemas.TicketStatusChange.model_validate(change) for change in status_history],
        updated_at=ticket.updated_at,
    )


def _average_resolution_hours(totals: Mapping[str, Decimal]) -> Decimal | None:
    resolved = totals.get("resolved")
    return average(totals.get("resolutionSeconds", Decimal(0)), HOUR_SECONDS * resolved) if resolved else None
