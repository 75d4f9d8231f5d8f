"""One order or ticket of a customer: its current record, and the statuses it has had."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from customer360.errors import NotFound
from customer360.exact_json import loads
from customer360.storage.items import BySubject, CustomerItem, EventItem, RecordItem
from customer360.storage.keys import COMMIT, partition
from customer360.storage.parallel import at_once

SHOWN_VERSIONS = 1000


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A status, and the version (`updatedAt`) that brought it."""

    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """`record` is the current version as it was stored; the history is oldest first, of the latest 1,000 versions."""

    record: str
    status_history: list[StatusChange]


def find_subject(customer_id: str, kind: str, identifier: str) -> Subject:
    """Strongly consistent. Raises NotFound for the customer, or for what the kind is called."""
    pk, key = partition(customer_id), f"{kind}#{identifier}"
    items, history = at_once((partial(_items, pk, [COMMIT, key]), partial(_status_history, pk, key)))
    if COMMIT not in items:
        raise NotFound("customer")
    item = items.get(key)
    if not isinstance(item, RecordItem):
        raise NotFound(kind.lower())
    return Subject(item.record, history)


def _items(pk: str, sort_keys: list[str]) -> dict[str, CustomerItem]:
    return {item.sk: item for item in CustomerItem.batch_get([(pk, key) for key in sort_keys], consistent_read=True)}


def _status_history(pk: str, key: str) -> list[StatusChange]:
    versions = EventItem.subject_index.query(
        pk,
        BySubject.by_subject.startswith(f"{key}#"),
        scan_index_forward=False,
        limit=SHOWN_VERSIONS,
        consistent_read=True,
    )
    changes: list[StatusChange] = []
    for version in reversed(list(islice(versions, SHOWN_VERSIONS))):
        status = loads(version.snapshot)["status"]
        if not changes or changes[-1].status != status:
            changes.append(StatusChange(status, version.version_at))
    return changes
