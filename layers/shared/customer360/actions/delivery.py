"""What the mail service tells of e-mails that were sent: delivered, bounced, complained of, rejected.

Guarantees: each of these is one entry of the timeline, at its own time, however often and in whatever order the service
tells them; the e-mail itself shows the last of them in the order of `actions.emails.ORDER`. Where an e-mail bounced
for good or was complained of, the address is suppressed before anything else, also if the customer is not known any
more. What is told of an e-mail that is not ours is dropped.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from customer360.actions.emails import SECTION, TITLES, is_news, with_status
from customer360.actions.mail import CUSTOMER_TAG, EMAIL_TAG, customer_of
from customer360.actions.schemas import EmailStatus
from customer360.actions.suppression import suppress
from customer360.instants import from_sortable
from customer360.storage.base import Turn, until_won
from customer360.storage.commit import Commit
from customer360.timeline.actions import action_item, find_action
from customer360.timeline.entries import Entry

# A provider's report that it took an e-mail for spam by mistake (RFC 6430): the service calls it a complaint, too.
NO_COMPLAINT: Final = "not-spam"

# By the type of the service's event: the status, where the event tells more, and in which list of it the addresses are.
KINDS: Final[dict[str, tuple[EmailStatus, str, str | None]]] = {
    "Delivery": ("delivered", "delivery", None),
    "Bounce": ("bounced", "bounce", "bouncedRecipients"),
    "Complaint": ("complained", "complaint", "complainedRecipients"),
    "Reject": ("rejected", "reject", None),
}


class Told(NamedTuple):
    """What became of one e-mail. `addresses` are those that are not to be written to any more."""

    customer_id: str
    email_id: str
    status: EmailStatus
    at: datetime
    detail: dict[str, str]
    addresses: list[str]


def read(event: Mapping[str, Any]) -> Told | None:
    """What an event of the service tells; None if it is of another type, or of an e-mail that is not ours."""
    tags = event["mail"].get("tags", {})
    if event.get("eventType") not in KINDS or CUSTOMER_TAG not in tags or EMAIL_TAG not in tags:
        return None
    status, part, recipients = KINDS[event["eventType"]]
    told = event[part]
    if told.get("complaintFeedbackType") == NO_COMPLAINT:
        return None
    at = from_sortable(told.get("timestamp") or event["mail"]["timestamp"])
    kind = told.get("bounceType", "Permanent")
    if kind == "Transient":  # a mailbox that is full for now, or an automatic reply to what has arrived
        status = "returned"
    if kind != "Permanent":
        recipients = None  # may be written to again
    addresses = []
    if recipients:  # the one it went to as well: where that forwards, the service may name another
        addresses = [*event["mail"]["destination"], *(each["emailAddress"] for each in told[recipients])]
    detail = {name: told[name] for name in ("bounceType", "bounceSubType", "complaintFeedbackType") if told.get(name)}
    return Told(customer_of(tags[CUSTOMER_TAG][0]), tags[EMAIL_TAG][0], status, at, detail, addresses)


def record(event: Mapping[str, Any], deadline: float) -> bool:
    """Keeps what the event tells; whether it was news. Raises Contended after the deadline (of `time.monotonic`); the
    event may simply come again."""
    told = read(event)
    if told is None:
        return False
    for address in told.addresses:
        suppress(address, told.status, told.at)
    return until_won(partial(_record, told), deadline=deadline)


def _record(told: Told, turn: Turn) -> bool:
    commit = Commit.of(told.customer_id, turn)
    if commit.previous is None:
        return False  # erased meanwhile
    email = find_action(commit.pk, told.email_id)
    outcome_id = f"{told.email_id}.{told.status}"
    if email is None or find_action(commit.pk, outcome_id):
        commit.abandon()
        return False
    facts = {"emailId": told.email_id, "status": told.status, **told.detail}
    commit.put(action_item(commit.pk, outcome_id, Entry("told", "action", TITLES[told.status], "", told.at, facts)))
    if is_news(email, told.status):
        commit.put(with_status(email, told.status))
    commit.touch([SECTION])
    commit.write()
    return True
