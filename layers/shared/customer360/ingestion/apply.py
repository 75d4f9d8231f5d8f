"""Applies one source event to its customer: the heart of the system.

Guarantees, whatever the order of arrival, the duplicates and the concurrent writers:

- All or nothing: the record, the totals it moves, its timeline entries and the proof that the event was seen are one
  transaction (`storage.commit`).
- Once: an `eventId` already seen changes nothing.
- Convergent: between versions of one subject the later `updatedAt` (or `occurredAt`), then the greater `eventId`,
  is current. Totals equal the sum over current records; the timeline equals the differences between neighbouring
  versions. Both are functions of the set of events, not of their order.
- Nothing lost: an event whose customer is not known yet is held, and applied when the customer comes.
- Nobody comes back: an event of a customer who was erased is dropped, whenever the erasure begins
  (`privacy.tombstones`).
"""

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any

from customer360.catalog.sources import mark_connected
from customer360.errors import HeldRemaining
from customer360.exact_json import dumps
from customer360.ingestion import rejections
from customer360.ingestion.events import RECORDS, Rejected, SourceEvent
from customer360.ingestion.moments import index_keys, moved_moment
from customer360.ingestion.points import keys_of_ledger, move_ledger, tell_tiers
from customer360.ingestion.rejections import Origin
from customer360.ingestion.timeline import Version, event_items, neighbours
from customer360.money import EXACT
from customer360.orders.purchases import purchase_days_moved
from customer360.privacy.tombstones import is_erased, unless_erased
from customer360.sources.record import Index, Record, Shop
from customer360.storage.base import ItemTooLarge, Turn, until_won
from customer360.storage.commit import Commit, put_unless_known
from customer360.storage.items import CustomerItem, EventItem, HeldItem, RecordItem, TotalsItem
from customer360.storage.keys import EVENT, HELD, METRICS, partition, section_of

# What an import brings of longer ago is history: scores follow it, but nobody is told that they changed.
OLD_NEWS = timedelta(days=2)


class Outcome(Enum):
    APPLIED = "applied"
    UNCHANGED = "unchanged"
    HELD = "held"
    DROPPED = "dropped"


def ingest(event: SourceEvent, shop: Shop, via: str | None = None, seconds: float = 20) -> Outcome:
    """Applies the event, and after a customer's own record whatever was held for that customer.

    Gives APPLIED also when a previous attempt with the same `via` (a line of an import) was the one that applied it.
    Raises Contended (HeldRemaining if only that is left which was held) after `seconds`, and ItemTooLarge; the event
    may simply be tried again.
    """
    mark_connected(event.record.SECTION)
    deadline = time.monotonic() + seconds
    outcome = until_won(partial(_attempt, event, shop, via), deadline=deadline)
    if event.type == "customer.upserted" and outcome is not Outcome.DROPPED:
        # Also after a duplicate: an earlier attempt may have died between the customer and what was held.
        _apply_held(event.customer_id, shop, deadline)
    return outcome


def _apply_held(customer_id: str, shop: Shop, deadline: float) -> None:
    """Applies each held event in a transaction of its own, which also deletes it; one that cannot be is rejected."""
    pk = partition(customer_id)
    for held in HeldItem.query(pk, HeldItem.sk.startswith(HELD), consistent_read=True):
        event = SourceEvent.from_stored(held.event)
        try:
            until_won(partial(_attempt, event, shop, held.via, held=held), deadline=deadline)
        except ItemTooLarge:
            rejections.keep(event.type, held.event, too_large(), Origin(f"{pk}#{held.sk}", held.held_at))
            held.delete()
        if time.monotonic() > deadline:
            raise HeldRemaining("not all that was held is applied yet; try again")


def too_large() -> Rejected:
    return Rejected("too_large", [{"field": "data", "message": "with its history it no longer fits"}])


def _attempt(event: SourceEvent, shop: Shop, via: str | None, turn: Turn, *, held: HeldItem | None = None) -> Outcome:
    commit = Commit.of(event.customer_id, turn)
    if commit.previous is None:
        if is_erased(event.customer_id):
            return Outcome.DROPPED
        if event.type != "customer.upserted":
            return _hold(event, via)
        commit.create(unless_erased(event.customer_id))
    items = items_of(event, shop)
    seen = items.get(EVENT + event.event_id)
    if isinstance(seen, EventItem):
        commit.abandon()
        if held:
            held.delete()
        return Outcome.APPLIED if via and seen.via == via else Outcome.UNCHANGED
    if held:
        commit.delete(held)
    put_event(commit, event, shop, items, via)
    commit.write()
    return Outcome.APPLIED


def items_of(event: SourceEvent, shop: Shop) -> dict[str, CustomerItem]:
    """What `put_event` builds on, by sort key, and the event's own item if it was applied before."""
    record = event.record
    keys = [EVENT + event.event_id, record.sort_key, *record.totals(shop), *keys_of_ledger(record)]
    return _read(partition(event.customer_id), keys)


def put_event(
    commit: Commit, event: SourceEvent, shop: Shop, items: dict[str, CustomerItem], via: str | None = None
) -> None:
    """Puts all that an event which was not applied before changes into a commit; `items` were read after it began."""
    record, version = event.record, _version(event, via)
    current = items.get(record.sort_key)
    if isinstance(current, RecordItem) and (current.version_at, current.event_id) > (version.at, version.event_id):
        before, after = neighbours(commit.pk, record, version)
        _write_late_version(commit, record, version, before, after)
    else:
        after = None
        old = RECORDS[current.source].from_stored(current.record) if isinstance(current, RecordItem) else None
        before = _stored_version(current, old) if isinstance(current, RecordItem) and old else None
        _write_current_version(commit, event, version, before)
        _move_totals(commit, record, old, items, shop)
        move_ledger(commit, record, old, items)
    tell_tiers(commit, record, version, after, items)
    commit.touch(record.changed_sections(before.snapshot if before else None), record.subject_id)
    commit.refresh(record.FEEDS, event.written_at)
    commit.is_old_news = via is not None and datetime.now(UTC) - version.at > OLD_NEWS


def _hold(event: SourceEvent, via: str | None) -> Outcome:
    """Keeps the event until its customer comes; loses the race, and is tried again, if the customer just did."""
    pk = partition(event.customer_id)
    for known in HeldItem.query(pk, HeldItem.sk == HELD + event.event_id, consistent_read=True):
        return Outcome.HELD if via and known.via == via else Outcome.UNCHANGED
    item = HeldItem(pk, HELD + event.event_id, event_type=event.type, event=event.as_json(), via=via)
    item.held_at = datetime.now(UTC)
    put_unless_known(item, beside=unless_erased(event.customer_id))
    return Outcome.HELD


def _read(pk: str, sort_keys: Iterable[str]) -> dict[str, CustomerItem]:
    keys = [(pk, sort_key) for sort_key in dict.fromkeys(sort_keys)]
    return {item.sk: item for item in CustomerItem.batch_get(keys, consistent_read=True)}


def _version(event: SourceEvent, via: str | None) -> Version:
    return Version(event.version_at, event.event_id, event.type, dict(event.record.snapshot()), via)


def _stored_version(current: RecordItem, old: Record) -> Version:
    return Version(current.version_at, current.event_id, current.source, dict(old.snapshot()), None)


def _write_current_version(commit: Commit, event: SourceEvent, version: Version, before: Version | None) -> None:
    record, listing = event.record, event.record.listing()
    commit.put(
        RecordItem(
            commit.pk,
            record.sort_key,
            source=event.type,
            record=dumps(record.model_dump(exclude_none=True)),
            version_at=version.at,
            event_id=version.event_id,
            by_time=listing.by_time,
            by_state=listing.by_state,
            by_milestone=listing.by_milestone,
            by_order_number=listing.by_order_number,
            summary=listing.summary,
        )
    )
    for item in event_items(commit.pk, record.sort_key, version, before):
        commit.put(item)


def _write_late_version(
    commit: Commit, record: Record, version: Version, before: Version | None, after: Version
) -> None:
    """Slips an older version in: it changes no current field, but what follows it now follows something else."""
    for item in event_items(commit.pk, record.sort_key, version, before):
        commit.put(item)
    replaced = {item.sk: item for item in event_items(commit.pk, record.sort_key, after, before)}
    for item in event_items(commit.pk, record.sort_key, after, version):
        commit.put(item)
        replaced.pop(item.sk, None)
    for item in replaced.values():
        commit.delete(item)


def _move_totals(
    commit: Commit, record: Record, old: Record | None, items: dict[str, CustomerItem], shop: Shop
) -> None:
    """Takes what the old version contributed out of the kept totals and puts in what the new one does."""
    added, removed = record.totals(shop), old.totals(shop) if old else {}
    heads = dict.fromkeys([*added, *removed])
    missing = [head for head in removed if head not in added]
    kept = items | (_read(commit.pk, missing) if missing else {})
    for head in heads:
        item = kept.get(head)
        totals, moments = (item.totals, item.moments) if isinstance(item, TotalsItem) else ({}, {})
        moved = _sum(totals, added.get(head, {}), removed.get(head, {}))
        if head == METRICS:
            days = purchase_days_moved(
                old, record, moments.get("lastPurchaseAt"), shop.time_zone, _other_purchase(commit.pk)
            )
            moved = _sum(moved, {"purchaseDays": Decimal(days)}, {})
        moved_moments = moments | {
            name: moved_moment(commit.pk, name, rule, moments.get(name), old, record)
            for name, rule in record.MOMENTS.items()
            if rule.head == head
        }
        known_moments = {name: moment for name, moment in moved_moments.items() if moment}
        if (moved, known_moments) != (totals, moments):
            changed = TotalsItem(commit.pk, head, totals=moved, moments=known_moments)
            if moved or known_moments:
                commit.put(changed)
            else:
                commit.delete(changed)
            if section := section_of(head):
                commit.touch([section])


def _sum(totals: dict[str, Decimal], added: dict[str, Decimal], removed: dict[str, Decimal]) -> dict[str, Decimal]:
    """Exact sums by name; a sum of zero is no entry, so that equal histories give equal items."""
    sums = dict(totals)
    for name, number in added.items():
        sums[name] = EXACT.add(sums.get(name, Decimal(0)), number)
    for name, number in removed.items():
        sums[name] = EXACT.subtract(sums.get(name, Decimal(0)), number)
    return {name: number for name, number in sorted(sums.items()) if number}


def _other_purchase(pk: str) -> Any:
    def other_between(low: str, high: str, order_id: str) -> bool:
        keys = index_keys(pk, Index.MILESTONE, low, high)
        return any(key.split("#", 2)[2] != order_id for key in keys)

    return other_between
