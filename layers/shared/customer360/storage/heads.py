"""A customer's head items: all of them with one Query for the 360 view and the scores, or the few a section needs."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from customer360.errors import NotFound
from customer360.storage.items import (
    AssignmentItem,
    CommitItem,
    CustomerItem,
    RecordItem,
    ScoresItem,
    TotalsItem,
)
from customer360.storage.keys import COMMIT, HEAD, SCORES, SEGMENT, TAG, partition


@dataclass(frozen=True, slots=True)
class Heads:
    """The head items of one customer by sort key; strongly consistent, so a write just made is in it."""

    customer_id: str
    items: dict[str, CustomerItem]

    @property
    def commit(self) -> CommitItem:
        return cast("CommitItem", self.items[COMMIT])

    def record(self, head: str) -> str | None:
        """The current record under a head, as it was stored; None if its source never sent one."""
        item = self.items.get(head)
        return item.record if isinstance(item, RecordItem) else None

    def totals(self, head: str) -> dict[str, Decimal]:
        item = self.items.get(head)
        return item.totals if isinstance(item, TotalsItem) else {}

    def moments(self, head: str) -> dict[str, datetime]:
        item = self.items.get(head)
        return item.moments if isinstance(item, TotalsItem) else {}

    def scores(self) -> ScoresItem | None:
        """The scores kept; None for a customer who has just come."""
        item = self.items.get(SCORES)
        return item if isinstance(item, ScoresItem) else None

    def updated_at(self, section: str) -> datetime | None:
        """When the section's source last wrote it; None if never."""
        return self.commit.freshness.get(section)

    def tags(self) -> dict[str, AssignmentItem]:
        return self._assignments(TAG)

    def segments(self) -> dict[str, AssignmentItem]:
        return self._assignments(SEGMENT)

    def _assignments(self, prefix: str) -> dict[str, AssignmentItem]:
        return {
            key.removeprefix(prefix): item
            for key, item in self.items.items()
            if key.startswith(prefix) and isinstance(item, AssignmentItem)
        }


def heads_of(customer_id: str) -> Heads:
    """One Query of a few kilobytes, whatever the history. Raises NotFound."""
    found = CustomerItem.query(partition(customer_id), CustomerItem.sk.startswith(HEAD), consistent_read=True)
    items = {item.sk: item for item in found}
    if COMMIT not in items:
        raise NotFound("customer")
    return Heads(customer_id, items)


def some_heads(customer_id: str, *keys: str) -> Heads:
    """Only the named head items, and the commit, with one BatchGet. Raises NotFound."""
    pk = partition(customer_id)
    found = CustomerItem.batch_get([(pk, key) for key in (COMMIT, *keys)], consistent_read=True)
    items = {item.sk: item for item in found}
    if COMMIT not in items:
        raise NotFound("customer")
    return Heads(customer_id, items)
