"""The items an event leaves: its version of a subject, and the timeline entries that version makes visible; and the
versions next to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from customer360.exact_json import dumps, loads
from customer360.ingestion.events import RECORDS
from customer360.instants import sortable
from customer360.sources.record import Record
from customer360.storage.items import BySubject, CustomerItem, EventItem
from customer360.storage.keys import EVENT
from customer360.timeline.entries import Entry, index_fields


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a subject, as its event item keeps it."""

    at: datetime
    event_id: str
    source: str
    snapshot: dict[str, Any]
    via: str | None

    def entries_after(self, before: "Version | None") -> list[Entry]:
        return RECORDS[self.source].entries(before.snapshot if before else None, self.snapshot)


def event_items(pk: str, subject: str, version: Version, before: Version | None) -> Iterator[EventItem]:
    """The version's own item, carrying its first timeline entry, and one item for each further entry."""
    first, *further = [*version.entries_after(before), None]
    yield EventItem(
        pk,
        EVENT + version.event_id,
        by_subject=subject_key(subject, version.at, version.event_id),
        event_id=version.event_id,
        version_at=version.at,
        source=version.source,
        snapshot=dumps(version.snapshot),
        via=version.via,
        **(index_fields(version.event_id, first) if first else {}),
    )
    for entry in further:
        if entry:
            identifier = f"{version.event_id}#{entry.aspect}"
            yield EventItem(pk, EVENT + identifier, event_id=version.event_id, **index_fields(identifier, entry))


def subject_key(subject: str, at: datetime, event_id: str) -> str:
    """`<subject's sort key>#<version>#<event id>`: versions of one subject in their order."""
    return f"{subject}#{sortable(at)}#{event_id}"


def neighbours(pk: str, record: Record, version: Version) -> tuple[Version | None, Version]:
    """The versions of the subject just before and just after an older one that arrives late."""
    own = subject_key(record.sort_key, version.at, version.event_id)
    before = nearest_version(pk, BySubject.by_subject.between(f"{record.sort_key}#", own), newest_first=True)
    after = nearest_version(pk, BySubject.by_subject.between(own, f"{record.sort_key}#~"), newest_first=False)
    if after is None:
        raise RuntimeError("the current version is missing from the index of versions")
    return before, after


def nearest_version(pk: str, condition: Any, *, newest_first: bool) -> Version | None:
    """The first of the versions that meet a condition on `by-subject`, strongly consistent."""
    query = CustomerItem.subject_index.query(
        pk, condition, scan_index_forward=not newest_first, limit=1, consistent_read=True
    )
    for row in query:
        return Version(row.version_at, row.event_id, row.source, loads(row.snapshot), row.via)
    return None
