"""Deletes what is held, page by page, and counts exactly what it deleted (objects of exports: `privacy.places`).

Guarantee: a page and its count are one transaction, on the condition that all of it is still there. So whatever
crashes, comes twice or runs side by side, each thing is counted once: as what it was when it went.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from customer360.privacy.table import ErasedPlaceItem, is_there
from customer360.storage.transactions import written

Item = TypeVar("Item")
HasTime = Callable[[], bool]

# A transaction takes a hundred writes, one of which is the count, and 4 MB.
ROOM = 99
MOST_CHARACTERS = 1_000_000


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts what is erased in one place; `is_again` if it had been thought to be gone. Where looking through takes
    more than one run, it begins after what an earlier one had `reached`, and `keep` notes that for the next."""

    place: ErasedPlaceItem
    is_again: bool
    reached: str | None
    keep: Callable[[str], object]

    def add_to(self, transaction: Any, count: int) -> None:
        transaction.update(self.place, actions=self._actions(count))

    def add(self, count: int) -> None:
        if count:
            self.place.update(actions=self._actions(count))

    def _actions(self, count: int) -> list[Any]:
        again = [ErasedPlaceItem.found_again.add(count)] if self.is_again else []
        return [ErasedPlaceItem.erased.add(count), *again]


def delete(transaction: Any, item: Any) -> None:
    """The transaction fails if the item has gone meanwhile."""
    transaction.delete(item, condition=is_there(item))


def erase_all(
    items: Iterable[Item],
    tally: Tally,
    has_time: HasTime,
    *,
    erase: Callable[[Any, Item], None] = delete,
    writes: int = 1,
) -> bool:
    """Erases the items, for each of which `erase` adds at most so many `writes` to a transaction. Gives False if some
    are left, for want of time or because somebody else is at them; then it is to be called again."""
    for page in _pages(items, ROOM // writes):
        if not has_time() or not written(lambda transaction, page=page: _erase_page(transaction, page, tally, erase)):  # type: ignore[misc]
            return False
    return True


def _erase_page(transaction: Any, page: list[Item], tally: Tally, erase: Callable[[Any, Item], None]) -> None:
    for item in page:
        erase(transaction, item)
    tally.add_to(transaction, len(page))


def _pages(items: Iterable[Item], most: int) -> Iterator[list[Item]]:
    page: list[Item] = []
    characters = 0
    for item in items:
        size = sum(len(str(value)) for value in getattr(item, "attribute_values", {}).values())
        if page and (len(page) == most or characters + size > MOST_CHARACTERS):
            yield page
            page, characters = [], 0
        page.append(item)
        characters += size
    if page:
        yield page
