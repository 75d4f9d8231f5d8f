"""An admin writes an e-mail to a customer.

Guarantee: at most once. What is to be sent is put down first, as `unknown`, and only who put it down hands it to the
mail service, once. Should the process die in between, or the service not answer, nobody can know whether the e-mail
went out: it stays `unknown`, is shown so, and is not sent again; if the service delivers it, it will say so and the
status follows (`actions.delivery`). A second e-mail with the same words would be worse than a look at the timeline. So
whoever asked is never told to try again once the service has it, also where that could not be put down any more.
What the service refused certainly did not go out (`failed`); the same request may try again.

The action's entry in the timeline is all that is kept of an e-mail. What it says, and to which address it went, is
contact data and stands where only those see it who may see that.
"""

import time
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from customer360.access.caller import Caller
from customer360.actions import rate_limits
from customer360.actions.asking import entry_of, won
from customer360.actions.letters import letter
from customer360.actions.mail import hand_over, why_not_taken
from customer360.actions.schemas import EmailAnswer, EmailStatus, NewEmail, SentEmail
from customer360.actions.suppression import why_suppressed
from customer360.customers.record import Customer
from customer360.errors import Conflict
from customer360.instants import from_sortable
from customer360.logs import logger
from customer360.settings import email_from_address, shop_name
from customer360.storage.base import Turn
from customer360.storage.commit import Commit
from customer360.storage.items import EventItem, RecordItem
from customer360.storage.keys import PROFILE
from customer360.timeline.actions import action_item, find_action

# Of the 29 seconds the API waits: to put the e-mail down, and to put down what became of it. The mail service may take
# seven in between (`aws.mail`).
PUT_DOWN_SECONDS = 8
SETTLED_SECONDS = 23

# From what is known first to what is known last; a status never goes back.
ORDER: Final[tuple[EmailStatus, ...]] = (
    "unknown",
    "failed",
    "sent",
    "rejected",
    "returned",
    "delivered",
    "bounced",
    "complained",
)
TITLES: Final[dict[EmailStatus, str]] = {
    "unknown": "E-mail not confirmed",
    "failed": "E-mail not sent",
    "sent": "E-mail sent",
    "rejected": "E-mail not sent",
    "returned": "E-mail came back for now",
    "delivered": "E-mail delivered",
    "bounced": "E-mail bounced",
    "complained": "E-mail complained of",
}
# Whatever tells of messages to the customer.
SECTION = "marketing"


def send(customer_id: str, new: NewEmail, by: Caller, action_id: str) -> EmailAnswer:
    """Raises NotFound, TooManyRequests, and Conflict where no e-mail may be sent, none can be, or this was refused."""
    from_address = email_from_address()
    if not from_address:
        raise Conflict("sending e-mails is not set up for this shop")
    rate_limits.take(by.id, "send-email", datetime.now(UTC))
    began = time.monotonic()
    item, is_new = won(partial(_put_down, customer_id, new, by, action_id), began + PUT_DOWN_SECONDS)
    if is_new:
        written = letter(new.subject, new.body, shop_name())
        status = hand_over(written, from_address, item.summary["metadata"]["contact"]["to"], customer_id, action_id)
        if status != "unknown":
            item = _settled(customer_id, action_id, item, status, began + SETTLED_SECONDS)
        if status == "failed":
            raise Conflict("the mail service refused the e-mail; it was not sent")
    return _answer(action_id, item)


def _put_down(customer_id: str, new: NewEmail, by: Caller, action_id: str, turn: Turn) -> tuple[EventItem, bool]:
    commit = Commit.of_known(customer_id, turn)
    done = find_action(commit.pk, action_id)
    if done and status_of(done) != "failed":
        commit.abandon()
        return done, False
    to = _address(RecordItem.get(commit.pk, PROFILE, consistent_read=True))
    facts: dict[str, Any] = {
        "emailId": action_id,
        "status": "unknown",
        "contact": {"to": to, "subject": new.subject, "body": new.body},
    }
    entry = entry_of(TITLES["unknown"], "", datetime.now(UTC), by, facts)
    item = action_item(commit.pk, action_id, entry)
    commit.put(item)
    commit.touch([SECTION])
    commit.write()
    return item, True


def _address(item: RecordItem) -> str:
    """Where the customer may be written to. Raises Conflict if they may not, or cannot."""
    profile = Customer.from_stored(item.record)
    if not profile.opt_ins.email:
        raise Conflict("the customer does not want e-mails")
    if reason := why_not_taken(profile.email) or why_suppressed(profile.email):
        raise Conflict(reason)
    return profile.email


def _settled(customer_id: str, action_id: str, item: EventItem, status: EmailStatus, deadline: float) -> EventItem:
    """The e-mail as it is kept now; with this status, though it is kept as `unknown`, where that fails."""
    try:
        return won(partial(_settle, customer_id, action_id, status), deadline) or item
    except Exception:
        logger.exception("left unconfirmed", extra={"email_id": action_id, "status": status})
        return with_status(item, status)


def _settle(customer_id: str, action_id: str, status: EmailStatus, turn: Turn) -> EventItem | None:
    """Says what became of an e-mail that was put down, unless more is known of it already. None if it is gone."""
    commit = Commit.of(customer_id, turn)
    if commit.previous is None:
        return None  # erased meanwhile
    item = find_action(commit.pk, action_id)
    if item is None or not is_news(item, status):
        commit.abandon()
        return item
    settled = with_status(item, status)
    commit.put(settled)
    commit.touch([SECTION])
    commit.write()
    return settled


def status_of(item: EventItem) -> EmailStatus:
    status: EmailStatus = item.summary["metadata"]["status"]
    return status


def is_news(item: EventItem, status: EmailStatus) -> bool:
    return ORDER.index(status) > ORDER.index(status_of(item))


def with_status(item: EventItem, status: EmailStatus) -> EventItem:
    """The same entry in the same place, telling another status."""
    summary = item.summary | {"title": TITLES[status], "metadata": item.summary["metadata"] | {"status": status}}
    return EventItem(
        item.pk, item.sk, event_id=item.event_id, by_time=item.by_time, by_state=item.by_state, summary=summary
    )


def _answer(action_id: str, item: EventItem) -> EmailAnswer:
    contact = item.summary["metadata"]["contact"]
    return EmailAnswer(
        email=SentEmail(
            id=action_id,
            status=status_of(item),
            subject=contact["subject"],
            to=contact["to"],
            created_at=from_sortable(item.summary["timestamp"]),
        )
    )
