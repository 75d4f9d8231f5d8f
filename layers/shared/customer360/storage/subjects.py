"""Orders and tickets of a customer: their current records, and the statuses they have had."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from itertools import groupby, islice
from typing import NamedTuple

from customer360.errors import NotFound
from customer360.exact_json import loads
from customer360.instants import from_sortable
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


class Subjects:
    """All subjects of a kind of one customer, for whoever reads very many of them, a few at a time.

    What all of them have been is read when the first are asked for: one Query of all versions, a megabyte at a time,
    instead of one for each subject. Holds three quarters of a kilobyte a subject. What has changed since is read anew.
    """

    def __init__(self, customer_id: str, kind: str) -> None:
        self._customer_id = customer_id
        self._kind = kind

    def several(self, identifiers: Sequence[str]) -> list[Subject]:
        """In the order of their ids; strongly consistent. Raises NotFound for the customer, or for one of them."""
        keys = [f"{self._kind}#{identifier}" for identifier in identifiers]
        items = _items(partition(self._customer_id), keys)
        return [self._subject(items.get(key), identifier) for key, identifier in zip(keys, identifiers, strict=True)]

    def _subject(self, item: CustomerItem | None, identifier: str) -> Subject:
        if isinstance(item, RecordItem) and (kept := self._kept.get(item.sk)) and kept.event_id == item.event_id:
            return Subject(item.record, kept.changes)
        return find_subject(self._customer_id, self._kind, identifier)

    @cached_property
    def _kept(self) -> dict[str, "_Kept"]:
        versions = EventItem.subject_index.query(
            partition(self._customer_id), BySubject.by_subject.startswith(f"{self._kind}#"), consistent_read=True
        )
        by_subject = groupby(versions, key=lambda version: str(version.by_subject).rsplit("#", 2)[0])
        return {key: _Kept.of(deque(each, SHOWN_VERSIONS)) for key, each in by_subject}


class _Kept(NamedTuple):
    """The statuses a subject has had by the version that an event brought."""

    event_id: str
    changes: list[StatusChange]

    @classmethod
    def of(cls, versions: Sequence[EventItem]) -> "_Kept":
        """Of versions from the oldest to the latest."""
        return cls(versions[-1].event_id, _changes(versions))


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
    return _changes(reversed(list(islice(versions, SHOWN_VERSIONS))))


def _changes(versions: Iterable[EventItem]) -> list[StatusChange]:
    """Of versions from the oldest to the latest, those that brought another status."""
    changes: list[StatusChange] = []
    for version in versions:
        snapshot = loads(version.snapshot)
        if not changes or changes[-1].status != snapshot["status"]:
            changes.append(StatusChange(snapshot["status"], from_sortable(snapshot["updatedAt"])))
    return changes
