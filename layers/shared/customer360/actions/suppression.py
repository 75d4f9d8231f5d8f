"""Addresses no e-mail is sent to any more, because one bounced for good or was complained about.

Kept for the shop and not for the customer: another customer with that address is not written to either, and the
customer is again once they have another one. What is kept is a keyed hash, so nobody can read addresses off it.
"""

from datetime import datetime
from typing import Final

from customer360.actions.mail import with_ascii_domain
from customer360.actions.table import SuppressedItem
from customer360.privacy.pseudonyms import keyed_hash

REASONS: Final = {
    "bounced": "an e-mail to this address could not be delivered; no more are sent there",
    "complained": "the recipient complained of an e-mail to this address; no more are sent there",
}


def why_suppressed(address: str) -> str | None:
    """The reason, in words; None if e-mails may be sent there."""
    item = SuppressedItem.find(_hash(address))
    return REASONS[item.reason] if item else None


def suppress(address: str, reason: str, at: datetime) -> None:
    """The reason is one of REASONS. Doing it again changes nothing."""
    SuppressedItem.keep(_hash(address), reason, at)


def _hash(address: str) -> str:
    """The same for a domain in its own letters and in those the mail service reports it with."""
    return keyed_hash(with_ascii_domain(address.strip().lower()))
