"""Keeps the ledger of a customer's points in step with their transactions, within the commit that applies an event.

A transaction later than all others (the usual case) is added to what is kept: that costs the one item of what is open,
and the items of the years whose lapses it changes. One that comes late, or changes a known one, may change all that
follows it: the ledger is made anew from the list of all transactions, and only items that differ are written. Either
way what is kept is a function of the set of transactions alone.

A change of tier by points is told in the timeline if the loyalty account in force at that moment names no tier; so it
is a function of the set of transactions and account versions.
"""

from collections.abc import Iterator, Mapping, Sequence

from customer360.ingestion.timeline import Version, nearest_version
from customer360.instants import from_sortable, sortable
from customer360.loyalty.kept import END_OF_TIME, kept_years, lapses_of, ledger_in, ledger_items
from customer360.loyalty.ledger import Ledger, Movement, TierChange
from customer360.loyalty.record import LoyaltyAccount, PointsTransaction, tier_changed
from customer360.sources.record import Record
from customer360.storage.commit import Commit
from customer360.storage.items import BySubject, ByTime, CustomerItem, EventItem
from customer360.storage.keys import EVENT, LEDGER, LOYALTY
from customer360.timeline.entries import OURS, index_fields

TIER = OURS + "tier-"


def keys_of_ledger(record: Record) -> list[str]:
    """What has to be read along to apply the record."""
    return [LEDGER] if isinstance(record, PointsTransaction | LoyaltyAccount) else []


def move_ledger(commit: Commit, record: Record, old: Record | None, items: Mapping[str, CustomerItem]) -> None:
    """Makes the ledger what it is with `record` in place of `old`."""
    if not isinstance(record, PointsTransaction):
        return
    new, item = movement_of(record), items.get(LEDGER)
    if isinstance(old, PointsTransaction) and movement_of(old) == new:
        return
    kept = ledger_in(item, {})
    if old is None and new.place > kept.last:
        lapses = _lapses_touched(commit.pk, kept, new)
        ledger = ledger_in(item, lapses)
        ledger.record(new)
    else:
        lapses = lapses_of(kept_years(commit.pk))
        ledger = Ledger.of([new, *_others(commit.pk, new)])
    _write_changes(commit, ledger_items(commit.pk, ledger_in(item, lapses)), ledger_items(commit.pk, ledger))
    _tell_changes(commit, kept.tier_changes, ledger.tier_changes)


def tell_tiers(
    commit: Commit, record: Record, version: Version, after: Version | None, items: Mapping[str, CustomerItem]
) -> None:
    """Tells the changes of tier while this version of the account is in force, or tells them no more; `after` is the
    next version."""
    if not isinstance(record, LoyaltyAccount):
        return
    since, until = sortable(version.at), sortable(after.at) if after else END_OF_TIME
    for change in ledger_in(items.get(LEDGER), {}).tier_changes:
        if since <= change.at < until:
            put_or_delete = commit.delete if record.tier else commit.put
            put_or_delete(tier_item(commit.pk, change))


def movement_of(record: PointsTransaction) -> Movement:
    return Movement.listed(record.listing().summary or {})


def tier_item(pk: str, change: TierChange) -> EventItem:
    """The entry in the timeline."""
    identifier = TIER + change.identifier
    entry = tier_changed(from_sortable(change.at), change.before, change.after)
    return EventItem(pk, EVENT + identifier, event_id=identifier, **index_fields(identifier, entry))


def _lapses_touched(pk: str, ledger: Ledger, new: Movement) -> dict[str, int]:
    """The latest lapses, whole years of them: as many as the next transaction may change."""
    settles = -new.points if new.type == "expired" else 0
    if settles <= 0 and not ledger.due(new.at) and (new.expires_at or END_OF_TIME) > new.at:
        return {}
    found: dict[str, int] = {}
    for year in kept_years(pk):
        found |= year
        if sum(found.values()) >= settles:
            break
    return found


def _others(pk: str, new: Movement) -> Iterator[Movement]:
    """All other transactions, from their list."""
    kind = PointsTransaction.KIND
    rows = CustomerItem.time_index.query(
        pk, ByTime.by_time.between(f"{kind}#", f"{kind}#{END_OF_TIME}"), consistent_read=True
    )
    movements = (Movement.listed(row.summary) for row in rows)
    return (movement for movement in movements if movement.identifier != new.identifier)


def _write_changes(commit: Commit, kept: Mapping[str, CustomerItem], new: Mapping[str, CustomerItem]) -> None:
    for key, item in new.items():
        if key not in kept or kept[key].serialize() != item.serialize():
            commit.put(item)
    for key, item in kept.items():
        if key not in new:
            commit.delete(item)


def _tell_changes(commit: Commit, kept: Sequence[TierChange], new: Sequence[TierChange]) -> None:
    told = {change.identifier: change for change in new if change not in kept and _is_told(commit.pk, change)}
    for change in told.values():
        commit.put(tier_item(commit.pk, change))
    for change in kept:
        if change not in new and change.identifier not in told:
            commit.delete(tier_item(commit.pk, change))


def _is_told(pk: str, change: TierChange) -> bool:
    """Whether the account in force names no tier, or there is none."""
    in_force = BySubject.by_subject.between(f"{LOYALTY}#", f"{LOYALTY}#{change.at}#~")
    account = nearest_version(pk, in_force, newest_first=True)
    return account is None or not account.snapshot["tier"]
