"""Takes away every export that holds anything of a customer, and clears up behind those that are finished."""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from customer360.errors import NotFound
from customer360.exports import files
from customer360.exports.naming import SEARCHES, digest_of, members_key, objects_prefix, owner_named, parts_prefix
from customer360.exports.table import ExportItem, OwnerItem

# The search finds nobody any more so long after they were erased.
INDEXES_FOLLOW: Final = timedelta(minutes=1)
GONE: Final = "A customer in it has been erased. What is left of it can be asked for again."


class RemovedExports(NamedTuple):
    """How many exports were taken away, and how many objects of theirs were deleted."""

    exports: int
    objects: int


def remove_exports_of(customer_id: str, erased_at: datetime | None = None) -> RemovedExports:
    """Takes away every export of the customer, every result of a search that they are in, and every one still being
    made, in which they may be: those asked for before nobody could find the customer any more, at `erased_at` (None:
    just now). Those exports have failed then.

    Harmless if repeated: what is gone is not counted again. A worker that is at one stops, and deletes what it has
    written meanwhile. To be called once the customer can not be found any more; whoever wants to be sure that no search
    that was read before is written after it calls it again some minutes later.
    """
    own = owner_named(customer_id)
    taken = _listed(own)
    searches = [item for item in _listed(SEARCHES) if _may_hold(item, customer_id, erased_at)]
    taken += [item for item in searches if item.status != "failed"]
    now = datetime.now(UTC)
    for item in taken:
        item.take_away(GONE, now)
    objects = files.remove(f"{own}/") + sum(_remove(item) for item in searches)
    OwnerItem.forget(own)
    return RemovedExports(len(taken), objects)


def clear(item: ExportItem) -> None:
    """Deletes what a finished export has no use for: its parts; and of one that failed, all there is."""
    if item.status == "failed":
        _remove(item)
    elif item.status == "ready":
        files.remove(parts_prefix(item.id))


def clear_taken(item: ExportItem) -> None:
    """Deletes what a worker may have stored after its export was taken from it; the one who has it now keeps its own.
    An export that is not there any more was erased with its customer."""
    try:
        clear(ExportItem.find(item.id))
    except NotFound:
        _remove(item)


def _listed(owner: str) -> list[ExportItem]:
    return ExportItem.several(each.sk for each in OwnerItem.every(owner))


def _may_hold(item: ExportItem, customer_id: str, erased_at: datetime | None) -> bool:
    if item.status == "ready":
        return files.has_digest(members_key(item.key), digest_of(customer_id))
    return erased_at is None or item.requested_at < erased_at + INDEXES_FOLLOW


def _remove(item: ExportItem) -> int:
    return files.remove(parts_prefix(item.id)) + files.remove(objects_prefix(item.key))
