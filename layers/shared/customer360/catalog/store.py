"""Definitions of tags and segments: made, changed and deleted, each in one transaction with what depends on it.

Guarantees: no two of a kind share a name (as `folded`), also under parallel calls; a change is refused if another was
faster or the caller had not seen the latest; a repeated request with the same action id gives what the first one
made; a deletion and the job that takes the thing from its customers come into being together or not at all.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from customer360.access.caller import Caller
from customer360.catalog.kinds import SHARDS, Kind, folded
from customer360.catalog.table import CatalogItem, CountItem, DefinitionItem, NameItem
from customer360.errors import Conflict, NotFound
from customer360.jobs.table import SHARD, BackgroundJobItem, JobItem, JobShardItem
from customer360.storage.base import Turn, until_won
from customer360.storage.transactions import all_or_nothing

MOST = 1000  # of a kind: every one is kept in the memory of every function that names them
REMOVAL = "remove-from-customers"
WAITING_SECONDS = 8

Definition = TypeVar("Definition", bound=DefinitionItem)
Beside = CatalogItem | JobItem
Edit = Callable[[DefinitionItem], Sequence[Beside]]


def every(kind: Kind) -> list[DefinitionItem]:
    """All of a kind by name, as they are now."""
    found = kind.model.query(kind.plural, consistent_read=True)
    return sorted(found, key=lambda item: (folded(item.name), item.sk))


def find(kind: Kind, identifier: str) -> DefinitionItem:
    """Raises NotFound."""
    try:
        return kind.model.get(kind.plural, identifier, consistent_read=True)
    except kind.model.DoesNotExist:
        raise NotFound(kind.noun) from None


def missing(kind: Kind, identifiers: Collection[str]) -> frozenset[str]:
    """Those of which there is none, or none any more. One Query, or nothing at all if there are no identifiers."""
    if not identifiers:
        return frozenset()
    return frozenset(identifiers) - {item.sk for item in kind.model.query(kind.plural, consistent_read=True)}


def counts(kind: Kind, identifier: str | None = None) -> dict[str, int]:
    """How many customers have each of a kind, or the one that is named."""
    sums: defaultdict[str, int] = defaultdict(int)
    for item in count_items(kind, identifier):
        sums[_key_and_shard(item)[0]] += item.customers
    return sums


def count_items(kind: Kind, identifier: str | None = None) -> list[CountItem]:
    """The rows of these counts, by `<key>#<shard>`; of one that is named, those of all its generations.

    Ids are ours and of one length, so none is the beginning of another.
    """
    condition = CountItem.sk.startswith(identifier) if identifier else None
    return list(CountItem.query(kind.counts, condition, consistent_read=True))


def no_members_yet(kind: Kind, key: str) -> list[CountItem]:
    """The rows of a count that begins."""
    return [CountItem(kind.counts, f"{key}#{shard}", customers=0) for shard in range(SHARDS)]


def create(kind: Kind, item: Definition, beside: Sequence[Beside] = ()) -> Definition:
    """Keeps a new one, and other new items with it. Raises Conflict if its name is taken or there are too many."""
    return _won(partial(_create, kind, item, beside))


def _create(kind: Kind, item: Definition, beside: Sequence[Beside], _: Turn) -> Definition:
    for known in kind.model.query(kind.plural, kind.model.sk == item.sk, consistent_read=True):
        return known  # type: ignore[return-value]  # the same request again
    _require_free(kind, item.name, item.sk)
    if kind.model.count(kind.plural) >= MOST:
        raise Conflict(f"there are {MOST} already; delete one first")
    with all_or_nothing() as transaction:
        transaction.save(item, condition=DefinitionItem.pk.does_not_exist())
        transaction.save(
            NameItem(kind.names, folded(item.name), holder=item.sk), condition=NameItem.pk.does_not_exist()
        )
        for new in (*no_members_yet(kind, item.sk), *beside):
            transaction.save(new)
    return item


def change(kind: Kind, identifier: str, edit: Edit) -> DefinitionItem:
    """Lets `edit` change it, and keeps what it made of it, and with it what else it gives. Raises NotFound, Conflict,
    and whatever `edit` raises."""
    return _won(partial(_change, kind, identifier, edit))


def _change(kind: Kind, identifier: str, edit: Edit, _: Turn) -> DefinitionItem:
    item = find(kind, identifier)
    before, read_at, known = item.name, item.updated_at, item.serialize()
    beside = edit(item)
    if item.serialize() == known:
        return item
    item.updated_at = max(datetime.now(UTC), read_at + timedelta(microseconds=1))
    renamed = folded(item.name) != folded(before)
    if renamed:
        _require_free(kind, item.name, identifier)
    with all_or_nothing() as transaction:
        transaction.save(item, condition=DefinitionItem.updated_at == read_at)
        if renamed:
            transaction.delete(NameItem(kind.names, folded(before)))
            name = NameItem(kind.names, folded(item.name), holder=identifier)
            transaction.save(name, condition=NameItem.pk.does_not_exist())
        for new in beside:
            transaction.save(new)
    return item


def delete(kind: Kind, identifier: str, by: Caller, job_id: str) -> None:
    """Deletes it, and keeps the job that will take it from its customers. Raises NotFound."""
    _won(partial(_delete, kind, identifier, by, job_id))


def _delete(kind: Kind, identifier: str, by: Caller, job_id: str, _: Turn) -> None:
    item = find(kind, identifier)
    held = count_items(kind, identifier)
    job = BackgroundJobItem.asked(
        job_id,
        REMOVAL,
        f"{kind.plural}#{identifier}",
        item.name,
        (by.id, by.name),
        datetime.now(UTC),
        lists=sorted({_key_and_shard(count)[0] for count in held}),
    )
    totals: defaultdict[str, int] = defaultdict(int)
    for count in held:
        totals[_key_and_shard(count)[1]] += count.customers
    with all_or_nothing() as transaction:
        transaction.delete(item, condition=DefinitionItem.updated_at == item.updated_at)
        transaction.delete(NameItem(kind.names, folded(item.name)))
        transaction.save(job)
        for count in held:
            transaction.delete(count)
        for shard, total in totals.items():
            transaction.save(JobShardItem(job.pk, SHARD + shard, total=total, done=0, expires_at=job.expires_at))


def _key_and_shard(count: CountItem) -> tuple[str, str]:
    key, _, shard = count.sk.rpartition("#")
    return key, shard


def _require_free(kind: Kind, name: str, identifier: str) -> None:
    """Raises Conflict if another one has this name."""
    for held in NameItem.query(kind.names, NameItem.sk == folded(name), consistent_read=True):
        if held.holder != identifier:
            raise Conflict(f"a {kind.noun} with this name exists already")


Made = TypeVar("Made")


def _won(attempt: Callable[[Turn], Made]) -> Made:
    return until_won(attempt, deadline=time.monotonic() + WAITING_SECONDS)
