"""What every kind of source record promises the engine that applies events (`ingestion.apply`).

A record is one version of an order, a ticket, a points transaction, … It says, in pure functions, how it is keyed
and listed, what it adds to the kept totals, and which changes against the version before it a person should see.
The engine keeps totals equal to the sum over current records, and the timeline equal to the differences between
neighbouring versions, in whatever order the versions arrive.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from customer360.exact_json import loads
from customer360.instants import sortable
from customer360.sources.fields import SourceModel
from customer360.timeline.entries import Entry

Snapshot = Mapping[str, Any]
Totals = dict[str, dict[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Shop:
    """What totals depend on besides the records: the shop's currency and time zone."""

    currency: str
    time_zone: ZoneInfo

    def day_of(self, instant: datetime) -> date:
        """The day of the shop's calendar."""
        return instant.astimezone(self.time_zone).date()


class Index(Enum):
    """The local secondary index that finds a moment again when the record that set it changes."""

    TIME = "time"
    STATE = "state"
    MILESTONE = "milestone"


@dataclass(frozen=True, slots=True)
class Moment:
    """The latest (or earliest) instant over all current records of a kind, kept in a head."""

    head: str
    index: Index
    prefix: str
    latest: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """Where a record stands in the indexes, and what a list shows of it. None: not in that index."""

    by_time: str | None = None
    by_state: str | None = None
    by_milestone: str | None = None
    by_order_number: str | None = None
    summary: dict[str, Any] | None = None


class Record(SourceModel):
    """One version of one subject. Subclasses are pydantic models of an event's `data`."""

    KIND: ClassVar[str]
    SECTION: ClassVar[str]
    MOMENTS: ClassVar[dict[str, Moment]] = {}
    # The sections whose source this is: their freshness is the latest version received.
    FEEDS: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def from_stored(cls, text: str) -> Self:
        """The record as it was stored when it was applied."""
        return cls.model_validate(loads(text))

    @property
    @abstractmethod
    def subject_id(self) -> str:
        """The source's id of what this is a version of."""

    @property
    def sort_key(self) -> str:
        return f"{self.KIND}#{self.subject_id}"

    def version_at(self, occurred_at: datetime) -> datetime:
        """What decides between versions: the record's own `updatedAt`, else when the event occurred."""
        return getattr(self, "updated_at", occurred_at)

    def refusal(self, shop: Shop) -> tuple[str, str] | None:
        """The field and the reason for which this shop cannot take the record, if it cannot."""
        return None

    def listing(self) -> Listing:
        return Listing()

    def totals(self, shop: Shop) -> Totals:
        """What this record adds to each head's totals."""
        return {}

    def moments(self) -> dict[str, datetime]:
        """The instants this record offers to its kind's MOMENTS, by name."""
        return {}

    def snapshot(self) -> Snapshot:
        """What later versions are compared with: JSON values, no more than `entries` needs."""
        return {}

    @classmethod
    def entries(cls, before: Snapshot | None, after: Snapshot) -> list[Entry]:
        """The visible changes from one version to the next; `before` is None for the first."""
        return []

    def changed_sections(self, before: Snapshot | None) -> set[str]:
        """The sections of the page this version changes, beside those of the heads its totals move."""
        return {self.SECTION}


def key(kind: str, at: datetime, identifier: str) -> str:
    """`<KIND>#<instant>#<id>`, which sorts by time, then id."""
    return f"{kind}#{sortable(at)}#{identifier}"


def difference(before: Snapshot | None, after: Snapshot, name: str) -> dict[str, Any] | None:
    """`{field, before, after}` if the field differs between two versions, else None."""
    if before is None or before.get(name) == after.get(name):
        return None
    return {"field": name, "before": before.get(name), "after": after.get(name)}
