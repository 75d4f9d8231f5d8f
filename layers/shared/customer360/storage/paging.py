"""A page of a list by index: costs what a page costs, however long the list is.

A list is made of one or more streams (orders of one status; the events of three types), each read from its newest
end and merged. A row's position is what follows the prefix in its index key, `<instant>#<id>`, so positions of
different streams compare, and a cursor names a place between rows: whatever arrives or goes meanwhile moves nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from heapq import merge
from itertools import islice
from typing import Any

from customer360.instants import sortable
from customer360.storage.items import ByMilestone, ByState, ByTime, CustomerItem
from customer360.storage.parallel import at_once

# After everything that may follow a prefix: keys are instants, ids, digits and words.
END = "~~"


class By(Enum):
    """The index a stream is read from: all of a kind, those in one state, or those that reached a milestone."""

    TIME = "by_time"
    STATE = "by_state"
    MILESTONE = "by_milestone"


_INDEXES: dict[By, tuple[Any, Any]] = {
    By.TIME: (CustomerItem.time_index, ByTime.by_time),
    By.STATE: (CustomerItem.state_index, ByState.by_state),
    By.MILESTONE: (CustomerItem.milestone_index, ByMilestone.by_milestone),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What a list shows of an item, and where it stands."""

    position: str
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """One page, newest first; `next_position` is where the next one begins, None on the last."""

    rows: list[Row]
    next_position: str | None


# At most so many rows between two positions, both inclusive, newest first.
Stream = Callable[[str, str, int], list[Row]]


def index_stream(pk: str, by: By, prefix: str) -> Stream:
    """The rows of a customer whose index keys begin with `<prefix>#`, strongly consistent."""
    return partial(_rows, pk, by, prefix)


def page_of(
    streams: Sequence[Stream],
    limit: int,
    position: str | None,
    first: datetime | None = None,
    last: datetime | None = None,
) -> Found:
    """At most `limit` rows after `position`, of all streams, between two instants (inclusive, None for no bound)."""
    low = sortable(first) if first else ""
    high = position or (f"{sortable(last)}#{END}" if last else END)
    # One more than asked for tells whether there is another page; one more again is the row at the position itself.
    found = at_once([partial(stream, low, high, limit + 2) for stream in streams])
    merged = merge(*found, key=lambda row: row.position, reverse=True)
    rows = list(islice((row for row in merged if row.position != position), limit + 1))
    shown = rows[:limit]
    return Found(shown, shown[-1].position if len(rows) > limit else None)


def _rows(pk: str, by: By, prefix: str, low: str, high: str, limit: int) -> list[Row]:
    index, attribute = _INDEXES[by]
    items = index.query(
        pk,
        attribute.between(f"{prefix}#{low}", f"{prefix}#{high}"),
        scan_index_forward=False,
        consistent_read=True,
        limit=limit,
    )
    return [Row(getattr(item, by.value)[len(prefix) + 1 :], item.summary) for item in islice(items, limit)]
