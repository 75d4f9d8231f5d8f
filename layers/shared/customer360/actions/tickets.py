"""An admin opens a support ticket for a customer. It is made once, however often the request is repeated."""

from datetime import UTC, datetime
from functools import partial

from customer360.access.caller import Caller
from customer360.actions import rate_limits
from customer360.actions.asking import entry_of, event_of, put_request, won
from customer360.actions.outbox import tell_now
from customer360.actions.schemas import NewTicket, TicketAnswer
from customer360.ingestion.apply import items_of
from customer360.ingestion.intake import this_shop
from customer360.instants import from_sortable
from customer360.storage.base import Turn
from customer360.storage.commit import Commit
from customer360.storage.items import OutboxItem
from customer360.storage.subjects import StatusChange
from customer360.support.record import Ticket
from customer360.support.service import shown
from customer360.timeline.actions import find_action

UPSERTED = "support.ticket.upserted"
REQUESTED = "support.ticket.requested"


def create(customer_id: str, new: NewTicket, by: Caller, action_id: str) -> TicketAnswer:
    """Raises NotFound and TooManyRequests."""
    rate_limits.take(by.id, "create-ticket", datetime.now(UTC))
    answer, asked = won(partial(_create, customer_id, new, by, action_id))
    if asked:
        tell_now(asked)
    return answer


def _create(
    customer_id: str, new: NewTicket, by: Caller, action_id: str, turn: Turn
) -> tuple[TicketAnswer, OutboxItem | None]:
    commit = Commit.of_known(customer_id, turn)
    if done := find_action(commit.pk, action_id):
        commit.abandon()
        return _answer(_ticket(new, action_id, from_sortable(done.summary["timestamp"]))), None
    now = datetime.now(UTC)
    record = _ticket(new, action_id, now)
    event = event_of(UPSERTED, customer_id, record, now)
    facts = {"ticketId": record.ticket_id, "ticketNumber": record.number, "priority": record.priority}
    entry = entry_of("Ticket created", new.subject, now, by, facts)
    asked = put_request(commit, REQUESTED, event, items_of(event, this_shop()), by, (action_id, entry))
    commit.write()
    return _answer(record), asked


def _ticket(new: NewTicket, action_id: str, at: datetime) -> Ticket:
    """The number is a provisional one: the support system may give it its own."""
    return Ticket.model_validate(
        {
            "ticketId": f"ticket-{action_id}",
            "number": f"C360-{action_id[:8].upper()}",
            "subject": new.subject,
            "status": "open",
            "priority": new.priority,
            "description": new.description,
            "createdAt": at,
            "updatedAt": at,
        }
    )


def _answer(ticket: Ticket) -> TicketAnswer:
    return TicketAnswer(ticket=shown(ticket, [StatusChange(ticket.status, ticket.created_at)]))
