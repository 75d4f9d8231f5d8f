"""Whom an erasure, or an export of all that is held, is about."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from customer360.errors import NotFound
from customer360.exact_json import loads
from customer360.jobs.table import JobItem
from customer360.privacy.known import Known
from customer360.privacy.pseudonyms import pseudonym_of
from customer360.storage.items import BySubject, CustomerItem, EventItem
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


def require_something(customer_id: str) -> None:
    """A customer may not be known yet and something be held for them, or have been rejected. Raises NotFound."""
    kept = CustomerItem.query(partition(customer_id), limit=1, page_size=1, consistent_read=True)
    about = JobItem.customer_index.query(customer_id, limit=1, page_size=1)
    if next(iter(chain(kept, about)), None) is None:
        raise NotFound("customer")


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
