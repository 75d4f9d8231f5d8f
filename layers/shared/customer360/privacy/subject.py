"""Whom an erasure, or an export of all that is held, is about."""

from dataclasses import dataclass
from datetime import datetime

from customer360.exact_json import loads
from customer360.privacy.known import Known
from customer360.privacy.pseudonyms import pseudonym_of
from customer360.storage.items import BySubject, EventItem
from customer360.storage.keys import PROFILE, partition

# Of versions of the customer's own record the latest so many: what they are recognised by has to fit into an item.
MOST_VERSIONS = 1_000


@dataclass(frozen=True, slots=True)
class Subject:
    """A customer, what they are recognised by, and when they were erased."""

    customer_id: str
    known: Known
    erased_at: datetime | None = None

    @property
    def pk(self) -> str:
        return partition(self.customer_id)

    @property
    def pseudonym(self) -> str:
        return pseudonym_of(self.customer_id)


def subject_of(customer_id: str) -> Subject:
    """As their history says, while it is there; strongly consistent."""
    versions = EventItem.subject_index.query(
        partition(customer_id),
        BySubject.by_subject.startswith(f"{PROFILE}#"),
        scan_index_forward=False,
        limit=MOST_VERSIONS,
        consistent_read=True,
    )
    return Subject(customer_id, Known.of_versions(customer_id, [loads(item.snapshot) for item in versions]))
