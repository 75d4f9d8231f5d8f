"""Recounts a customer from the history and compares with what is kept: the oracle of an operator.

What is kept is right if it is what the history says: totals and moments the sums and extremes over current records,
the current record of each subject its latest version, the timeline the differences between neighbouring versions, and
the ledger of points what the transactions leave, its changes of tier told while the account named none.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from customer360.exact_json import loads
from customer360.ingestion.events import RECORDS
from customer360.ingestion.points import TIER, movement_of, tier_item
from customer360.ingestion.timeline import Version, event_items
from customer360.instants import sortable
from customer360.loyalty.kept import ledger_items
from customer360.loyalty.ledger import Ledger
from customer360.loyalty.record import PointsTransaction
from customer360.money import EXACT
from customer360.orders.record import Order
from customer360.sources.record import Listing, Record, Shop
from customer360.storage.items import (
    CommitItem,
    CustomerItem,
    EventItem,
    LapsesItem,
    LedgerItem,
    RecordItem,
    TotalsItem,
)
from customer360.storage.keys import COMMIT, EVENT, LOYALTY, METRICS, partition
from customer360.timeline.entries import OURS

Totals = dict[str, dict[str, Decimal]]
Moments = dict[str, dict[str, datetime]]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something kept that is not what the history says. Names and keys only, no personal data."""

    what: str
    kept: str
    recounted: str


def verify(customer_id: str, shop: Shop, *, attempts: int = 5) -> list[Difference]:
    """The differences of one customer, read between two commits so that writers do not disturb."""
    for _ in range(attempts):
        before = CommitItem.find(customer_id)
        items = list(CustomerItem.query(partition(customer_id), consistent_read=True))
        after = CommitItem.find(customer_id)
        if before and after and before.version == after.version:
            return list(differences(items, shop))
    return [Difference("commit", "busy", "kept changing while it was read")]


def differences(items: Iterable[CustomerItem], shop: Shop) -> Iterator[Difference]:
    """What differs within one item collection, read whole."""
    by_key = {item.sk: item for item in items}
    records = {key: _record(item) for key, item in by_key.items() if isinstance(item, RecordItem)}
    versions = _versions(by_key.values())
    yield from _compare_totals(by_key, records, shop)
    yield from _compare_current(by_key, versions)
    ledger = Ledger.of(movement_of(record) for record in records.values() if isinstance(record, PointsTransaction))
    yield from _compare_ledger(by_key, ledger)
    yield from _compare_timeline(by_key, versions, ledger)
    commit = by_key.get(COMMIT)
    if not isinstance(commit, CommitItem):
        yield Difference(COMMIT, "missing", "one")


def _record(item: RecordItem) -> Record:
    return RECORDS[item.source].from_stored(item.record)


def _versions(items: Iterable[CustomerItem]) -> dict[str, list[Version]]:
    """Every version of each subject, oldest first, by the subject's sort key."""
    versions: defaultdict[str, list[Version]] = defaultdict(list)
    for item in items:
        if isinstance(item, EventItem) and item.by_subject and item.snapshot and item.version_at and item.source:
            subject = item.by_subject.rsplit("#", 2)[0]
            versions[subject].append(
                Version(item.version_at, item.event_id, item.source, loads(item.snapshot), item.via)
            )
    for found in versions.values():
        found.sort(key=lambda version: (version.at, version.event_id))
    return versions


def _compare_totals(by_key: dict[str, CustomerItem], records: dict[str, Record], shop: Shop) -> Iterator[Difference]:
    totals, moments = _recounted_totals(records.values(), shop), _recounted_moments(records.values())
    kept = {key: item for key, item in by_key.items() if isinstance(item, TotalsItem)}
    for head in sorted({*totals, *kept}):
        item = kept.get(head)
        yield from _compare(f"{head} totals", item.totals if item else {}, totals.get(head, {}))
        yield from _compare(f"{head} moments", item.moments if item else {}, moments.get(head, {}))


def _recounted_totals(records: Iterable[Record], shop: Shop) -> Totals:
    totals: defaultdict[str, defaultdict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    days = set()
    for record in records:
        for head, numbers in record.totals(shop).items():
            for name, number in numbers.items():
                totals[head][name] = EXACT.add(totals[head][name], number)
        if isinstance(record, Order) and (day := record.purchase_day(shop.time_zone)):
            days.add(day)
    if days:
        totals[METRICS]["purchaseDays"] = Decimal(len(days))
    return {head: {name: number for name, number in numbers.items() if number} for head, numbers in totals.items()}


def _recounted_moments(records: Iterable[Record]) -> Moments:
    moments: defaultdict[str, dict[str, datetime]] = defaultdict(dict)
    for record in records:
        for name, instant in record.moments().items():
            rule = record.MOMENTS[name]
            best = max if rule.latest else min
            moments[rule.head][name] = best(instant, moments[rule.head].get(name, instant))
    return moments


def _compare_current(by_key: dict[str, CustomerItem], versions: dict[str, list[Version]]) -> Iterator[Difference]:
    for subject, found in versions.items():
        item, latest = by_key.get(subject), found[-1]
        if not isinstance(item, RecordItem):
            yield Difference(subject, "missing", latest.event_id)
        elif (item.version_at, item.event_id) != (latest.at, latest.event_id):
            yield Difference(subject, item.event_id, latest.event_id)
        elif (item.summary, item.by_order_number) != _listed(_record(item).listing()):
            yield Difference(f"{subject} listing", "stale", "as the record")


def _listed(listing: Listing) -> tuple[Any, str | None]:
    return listing.summary, listing.by_order_number


def _compare_ledger(by_key: dict[str, CustomerItem], ledger: Ledger) -> Iterator[Difference]:
    expected = ledger_items(by_key[COMMIT].pk, ledger) if ledger.last else {}
    kept = {key: item for key, item in by_key.items() if isinstance(item, LedgerItem | LapsesItem)}
    for key in sorted({*expected, *kept}):
        if key not in kept or key not in expected:
            yield Difference(key, "missing" if key in expected else "there", "one" if key in expected else "none")
        elif kept[key].serialize() != expected[key].serialize():
            yield Difference(key, "stale", "as the transactions")


def _compare_timeline(
    by_key: dict[str, CustomerItem], versions: dict[str, list[Version]], ledger: Ledger
) -> Iterator[Difference]:
    pk = by_key[COMMIT].pk
    expected = {item.sk: item for item in _tier_items(pk, versions.get(LOYALTY, []), ledger)}
    for subject, found in versions.items():
        for before, version in zip([None, *found], found, strict=False):
            expected |= {item.sk: item for item in event_items(pk, subject, version, before)}
    # What admins did is told by nothing else, so it cannot be recounted.
    kept = {key: item for key, item in by_key.items() if isinstance(item, EventItem) and not _is_action(item)}
    for key in sorted({*expected, *kept}):
        shown, right = _shown(kept.get(key)), _shown(expected.get(key))
        if shown != right:
            yield Difference(key, _title(kept.get(key)), _title(expected.get(key)))


def _is_action(item: EventItem) -> bool:
    """No version of a record: what an admin asks a source system for is one, until the source's own replaces it."""
    return item.by_subject is None and item.sk.startswith(EVENT + OURS) and not item.sk.startswith(EVENT + TIER)


def _tier_items(pk: str, accounts: list[Version], ledger: Ledger) -> Iterator[EventItem]:
    for change in ledger.tier_changes:
        in_force = [account for account in accounts if sortable(account.at) <= change.at]
        if not in_force or not in_force[-1].snapshot["tier"]:
            yield tier_item(pk, change)


def _shown(item: EventItem | None) -> Any:
    return item and (item.by_time, item.by_state, item.by_subject, item.summary)


def _title(item: EventItem | None) -> str:
    return "missing" if item is None else str((item.summary or {}).get("title", "nothing to show"))


def _compare(what: str, kept: dict[str, Any], recounted: dict[str, Any]) -> Iterator[Difference]:
    for name in sorted({*kept, *recounted}):
        if kept.get(name) != recounted.get(name):
            yield Difference(f"{what} {name}", str(kept.get(name)), str(recounted.get(name)))
