"""Whether the search would find a customer by what they are: the kept row and terms against the customer's own items.

For an operator; safe while the shop is served. A row may be a moment behind its customer: what differs is looked at
again before it counts.
"""

import time
from collections.abc import Collection, Iterable
from datetime import datetime

from customer360.errors import NotFound
from customer360.search.index import shard_of
from customer360.search.projecting import former_contacts, row_of
from customer360.search.row import Row, Term, terms_of
from customer360.search.table import DirectoryItem, SearchItem
from customer360.storage.heads import heads_of
from customer360.storage.transactions import all_or_nothing

LOOKS = 4
PAUSE_SECONDS = 0.5
BATCH = 100


def differences(customer_id: str, now: datetime) -> list[str]:
    """What is not as it should be: names of fields, and how many terms are missing; no personal data."""
    for look in range(LOOKS):
        if look:
            time.sleep(PAUSE_SECONDS)
        found = _differences(customer_id, now)
        if not found:
            return []
    return found


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
    missing = len(terms_of(right) - _terms_there(right))
    return [*found, f"{missing} terms missing"] if missing else found


def _terms_there(row: Row) -> set[Term]:
    keys = {(term.bucket, f"{term.text}#{row.id}"): term for term in terms_of(row)}
    found = SearchItem.batch_get(list(keys), consistent_read=True)
    return {keys[item.pk, item.sk] for item in found}


def remove_strays(items: Iterable[SearchItem]) -> int:
    """Deletes those of some terms that belong to no row; how many there were."""
    by_customer: dict[str, list[SearchItem]] = {}
    for item in items:
        by_customer.setdefault(item.sk.rpartition("#")[2], []).append(item)
    return sum(_remove_strays(customer_id, found) for customer_id, found in by_customer.items())


def _remove_strays(customer_id: str, items: Collection[SearchItem]) -> int:
    """On the condition that the row has not changed: a term may just have come, with a row that has it."""
    kept = DirectoryItem.find(shard_of(customer_id), customer_id)
    terms = terms_of(Row.from_json(kept.row)) if kept else set()
    strays = [item for item in items if Term(item.pk, item.sk.rpartition("#")[0]) not in terms]
    for start in range(0, len(strays), BATCH - 1):
        with all_or_nothing() as transaction:
            transaction.condition_check(
                DirectoryItem,
                shard_of(customer_id),
                customer_id,
                condition=DirectoryItem.is_still(kept.version if kept else None),
            )
            for item in strays[start : start + BATCH - 1]:
                transaction.delete(item)
    return len(strays)
