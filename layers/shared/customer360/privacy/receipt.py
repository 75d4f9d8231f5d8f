"""What is erased, and what an erasure leaves behind until when, in the words of the receipt. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

# What is kept in each place (`privacy.places`), in the order in which they are erased: first what finds others.
PLACES: Final[Mapping[str, str]] = {
    "exports": "Exports that hold or search for the customer, and their files",
    "unreadable-events": "Rejected events that name the customer in what cannot be read",
    "views": "Saved views that search for the customer",
    "directory": "The row in the lists of customers",
    "search-terms": "Words, e-mails and phones that the search finds the customer by",
    "memberships": "Tags and segments, and the members of each",
    "records": "Profile, records, totals, history, timeline, notes, scores, what is held or still to be sent",
    "work": "Rejected events, and what jobs in the background noted",
    "answers": "Answers kept for repeated requests",
    "live-sessions": "Open pages that watch the customer",
    "audit-lines": "Lines of the audit trail; they stay, and name a keyed hash",
}


class Remainder(NamedTuple):
    """Something that an erasure cannot or need not touch; `until` None: for good."""

    what: str
    until: datetime | None


def remaining(erased_at: datetime, audit_days: int, export_days: int, rejected_days: int) -> Iterator[Remainder]:
    """What is left when an erasure is done; the audit trail, exports and rejected events are kept for so many days."""

    def after(days: int) -> datetime:
        return erased_at + timedelta(days=days)

    yield Remainder("The change stream of the customers table: items as they were before they were deleted", after(1))
    yield Remainder("Queues, and messages that could not be worked on: events as sent, ids of customers", after(14))
    yield Remainder("Who asked for an export of the customer when, beside a SHA-256 of the id", after(export_days + 3))
    yield Remainder("Files that were imported, and their reports, in the import bucket", after(30))
    yield Remainder(
        "Jobs in the background: the search of a bulk assignment; of one that broke, who was next", after(30)
    )
    yield Remainder(
        "Rejected events that cannot be read, if nothing but a name, an address or a short id tells whose they are",
        after(rejected_days),
    )
    yield Remainder("Saved views that hold no more of the customer than a short id or name", None)
    yield Remainder("Traces of requests, which name the path and so the id", after(30))
    yield Remainder("Copies of the tables for point-in-time recovery", after(35))
    yield Remainder("The audit trail: who did what when, to a keyed hash", after(audit_days))
    yield Remainder("The mail service's list of addresses that bounced, to which nothing is sent any more", None)
    yield Remainder("The tombstone: a keyed hash, which keeps the customer from coming back by a late event", None)
    yield Remainder("Logs: by design they name no customer", None)
    yield Remainder("Parameters of the churn model: learned from all customers together, they are of nobody", None)
    yield Remainder("What has left the shop: e-mails, messages to source systems, downloaded exports", None)
