"""Takes away every export that holds anything of a customer, and clears up behind those that are finished."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from customer360.errors import NotFound
from customer360.exports import files
from customer360.exports.naming import SEARCHES, digest_of, members_key, objects_prefix, owner_named, parts_prefix
from customer360.exports.table import ExportItem, OwnerItem

# The search finds nobody any more so long after they were erased.
INDEXES_FOLLOW: Final = timedelta(minutes=1)
READ_AT_ONCE: Final = 100
GONE: Final = "A customer in it has been erased. What is left of it can be asked for again."
# In this one or in another: what is still being made is in no list of who is in it.
INTERRUPTED: Final = "A customer was erased while it was being made. Ask for it again in a minute."


class Removed(NamedTuple):
    """How many exports were taken away and how many objects of theirs were deleted, and after which export to go on."""

    exports: int
    objects: int
    reached: str


def remove_exports_of(
    customer_id: str,
    erased_at: datetime | None = None,
    is_sought_by: Callable[[str], bool] = lambda _: False,
    after: str | None = None,
) -> Iterator[Removed]:
    """Takes away, one by one while it is iterated, every export of the customer, every result of a search that they are
    in or whose text is about them, and every one still being made, in which they may be: those asked for before nobody
    could find the customer any more, at `erased_at` (None: just now). Those exports have failed then, and nothing tells
    what was searched for.

    It may be left at any export, and gone on with `after` that. Harmless if repeated: what is gone is not counted
    again. A worker that is at one stops, and deletes what it has written meanwhile. To be called once the customer can
    not be found any more; whoever wants to be sure that no search that was read before is written after it calls it
    again some minutes later.
    """
    if after is None:
        yield _remove_own(customer_id)
    for item in _searches(after):
        is_about = is_sought_by((item.request.search or {}).get("q") or "")
        is_taken = is_about or (item.status != "failed" and _may_hold(item, customer_id, erased_at))
        if is_taken:
            item.take_away(INTERRUPTED if item.status in {"queued", "running"} else GONE, datetime.now(UTC))
        is_gone = is_taken or item.status == "failed"
        yield Removed(int(is_taken), _remove(item) if is_gone else 0, item.id)


def _remove_own(customer_id: str) -> Removed:
    own = owner_named(customer_id)
    taken = ExportItem.several(each.sk for each in OwnerItem.every(own))
    for item in taken:
        item.take_away(GONE, datetime.now(UTC))
    objects = files.remove(f"{own}/")
    OwnerItem.forget(own)
    return Removed(len(taken), objects, "")


def _searches(after: str | None) -> Iterator[ExportItem]:
    """In the order of their ids."""
    ids = [each.sk for each in OwnerItem.every(SEARCHES) if each.sk > (after or "")]
    for start in range(0, len(ids), READ_AT_ONCE):
        yield from sorted(ExportItem.several(ids[start : start + READ_AT_ONCE]), key=lambda item: item.id)


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


def _may_hold(item: ExportItem, customer_id: str, erased_at: datetime | None) -> bool:
    if item.status == "ready":
        return files.has_digest(members_key(item.key), digest_of(customer_id))
    return erased_at is None or item.requested_at < erased_at + INDEXES_FOLLOW


def _remove(item: ExportItem) -> int:
    return files.remove(parts_prefix(item.id)) + files.remove(objects_prefix(item.key))
