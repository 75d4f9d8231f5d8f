"""Whether the search would find a customer by what they are: the kept row and terms against the customer's own items.

For an operator; safe while the shop is served. A row may be a moment behind its customer, or wait for its turn if what
came is history (`storage.later`): what differs is looked at again before it counts.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from customer360.errors import NotFound
from customer360.search.index import shard_of
from customer360.search.projecting import directory_item, former_contacts, row_of
from customer360.search.row import Row, Term, terms_of
from customer360.search.table import DirectoryItem, SearchItem
from customer360.storage.heads import heads_of
from customer360.storage.items import CommitItem
from customer360.storage.later import DELAY
from customer360.storage.transactions import written

LOOKS = 4
PAUSE_SECONDS = 0.5
# By then history has had its turn, and so much time again for the stream and the queue.
HISTORY = 2 * DELAY
BATCH = 100


def differences(customer_id: str, now: datetime) -> list[str]:
    """What is not as it should be: names of fields, and how many terms are missing; no personal data."""
    for look in range(LOOKS):
        if look:
            time.sleep(PAUSE_SECONDS)
        found = _differences(customer_id, now)
        if not found:
            return []
        if not look:
            time.sleep(_seconds_to_its_turn(customer_id))
    return found


def _seconds_to_its_turn(customer_id: str) -> float:
    """How long a row may still be behind history that has just come; 0 if what came is news."""
    commit = CommitItem.find(customer_id)
    if commit is None or not commit.is_old_news:
        return 0
    return max(0, (commit.committed_at + HISTORY - datetime.now(UTC)).total_seconds())


def _differences(customer_id: str, now: datetime) -> list[str]:
    kept = DirectoryItem.find(shard_of(customer_id), customer_id)
    try:
        right = row_of(heads_of(customer_id), former_contacts(customer_id), now)
    except NotFound:
        return ["a row of nobody"] if kept else []
    if kept is None:
        return ["no row"]
    row = Row.from_json(kept.row)
    found = [name for name, value in vars(right).items() if getattr(row, name) != value]
    places = directory_item(right, kept.version).attribute_values
    found += [name for name, key in places.items() if name.startswith("by_") and getattr(kept, name) != key]
    missing = len(terms_of(right) - _terms_there(right))
    return [*found, f"{missing} terms missing"] if missing else found


def _terms_there(row: Row) -> set[Term]:
    keys = {(term.bucket, f"{term.text}#{row.id}"): term for term in terms_of(row)}
    found = SearchItem.batch_get(list(keys), consistent_read=True)
    return {keys[item.pk, item.sk] for item in found}


def by_customer(items: Iterable[SearchItem]) -> dict[str, list[SearchItem]]:
    """Some terms, by whose they are."""
    found: dict[str, list[SearchItem]] = {}
    for item in items:
        found.setdefault(item.sk.rpartition("#")[2], []).append(item)
    return found


def remove_strays(customer_id: str, items: Iterable[SearchItem]) -> int:
    """Deletes those of some terms of a customer that their row has not, or nobody's; how many.

    On the condition that the row has not changed: a term may just have come, with a row that has it. Those are left.
    """
    kept = DirectoryItem.find(shard_of(customer_id), customer_id)
    terms = terms_of(Row.from_json(kept.row)) if kept else set()
    strays = [item for item in items if Term(item.pk, item.sk.rpartition("#")[0]) not in terms]
    batches = (strays[start : start + BATCH - 1] for start in range(0, len(strays), BATCH - 1))
    return sum(len(batch) for batch in batches if written(partial(_delete, customer_id, kept, batch)))


def _delete(customer_id: str, kept: DirectoryItem | None, items: Sequence[SearchItem], transaction: Any) -> None:
    is_still = DirectoryItem.is_still(kept.version if kept else None)
    transaction.condition_check(DirectoryItem, shard_of(customer_id), customer_id, condition=is_still)
    for item in items:
        transaction.delete(item)
