"""What the endpoints of actions take and answer."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from customer360.api.free_text import NoCardNumbers, OneLine
from customer360.api.schema import Email, Instant, Request, Response
from customer360.loyalty.schemas import LoyaltyTransaction
from customer360.support.record import TicketPriority
from customer360.support.schemas import Ticket

EmailStatus = Literal["unknown", "sent", "returned", "delivered", "bounced", "complained", "rejected", "failed"]


def _not_zero(points: int) -> int:
    if points == 0:
        raise ValueError("must not be zero")
    return points


Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), NoCardNumbers, OneLine]
Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000), NoCardNumbers]
Description = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), NoCardNumbers]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), NoCardNumbers]
Points = Annotated[int, Field(ge=-100_000, le=100_000), AfterValidator(_not_zero)]


class NewEmail(Request):
    """Plain text; a blank line begins a new paragraph."""

    subject: Subject
    body: Body


class NewTicket(Request):
    subject: Subject
    description: Description
    priority: TicketPriority = "medium"


class PointsAdjustment(Request):
    """Points to be given, or below zero to be taken; the customer sees the reason in their account."""

    points: Points
    reason: Reason


class SentEmail(Response):
    """`unknown`: whether it went out is not known; it is not sent again. `sent`: the mail service has it. Later
    statuses come as the service tells them, and stand in the timeline."""

    id: str
    status: EmailStatus
    subject: str
    to: Email
    created_at: Instant


class EmailAnswer(Response):
    email: SentEmail


class TicketAnswer(Response):
    """The ticket as it was made; the support system's own version of it replaces it."""

    ticket: Ticket


class AdjustmentAnswer(Response):
    """The transaction, and what could be spent when it was made."""

    transaction: LoyaltyTransaction
    points_balance: int
