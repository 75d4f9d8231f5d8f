"""What the support endpoints answer."""

from customer360.api.schema import Instant, Number, Response, absent_if_none
from customer360.support.record import TicketPriority, TicketStatus


class TicketRow(Response):
    id: str
    ticket_number: str
    subject: str
    status: TicketStatus
    priority: TicketPriority
    category: str | None = absent_if_none()
    created_at: Instant
    resolved_at: Instant | None = absent_if_none()


class TicketPage(Response):
    """A page of tickets, newest first. The three figures are the customer's, whatever the filter and the page;
    `averageResolutionTime` is in hours, over resolved and closed tickets, null without any."""

    tickets: list[TicketRow]
    total_tickets: int
    open_tickets: int
    average_resolution_time: Number | None
    updated_at: Instant | None
    next_cursor: str | None = absent_if_none()


class TicketMessage(Response):
    id: str
    content: str
    at: Instant
    from_customer: bool
    author: str | None = absent_if_none()


class TicketStatusChange(Response):
    status: TicketStatus
    at: Instant


class Ticket(TicketRow):
    """The whole ticket. Messages are oldest first; so is `statusHistory`, of the latest 1,000 versions."""

    description: str | None = absent_if_none()
    assignee: str | None = absent_if_none()
    messages: list[TicketMessage]
    status_history: list[TicketStatusChange]
    updated_at: Instant
