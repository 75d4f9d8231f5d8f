"""A page of a list by index: costs what a page costs, however long the list is."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import Any

from customer360.instants import sortable
from customer360.storage.items import ByState, ByTime, CustomerItem


class ByList(Enum):
    """The index of a list: all of a kind, or those of a kind in one state. The values are attribute names."""

    TIME = "by_time"
    STATE = "by_state"


_INDEXES: dict[ByList, tuple[Any, Any]] = {
    ByList.TIME: (CustomerItem.time_index, ByTime.by_time),
    ByList.STATE: (CustomerItem.state_index, ByState.by_state),
}


@dataclass(frozen=True, slots=True)
class Window:
    """The rows of one kind between two instants, both inclusive, None for no bound."""

    prefix: str
    first: datetime | None = None
    last: datetime | None = None

    @property
    def bounds(self) -> tuple[str, str]:
        low = f"{self.prefix}#{sortable(self.first)}" if self.first else f"{self.prefix}#"
        # Digits and ids sort before `~`, so it closes the range after everything of the last instant.
        high = f"{self.prefix}#{sortable(self.last)}#~" if self.last else f"{self.prefix}#~"
        return low, high


@dataclass(frozen=True, slots=True)
class Found:
    """One page, newest first; `next_position` is where the next one begins, None on the last."""

    items: list[CustomerItem]
    next_position: str | None


def page_of(by: ByList, pk: str, window: Window, limit: int, position: str | None) -> Found:
    """At most `limit` rows after `position`, strongly consistent.

    A position is the index key of the last row of the page before, so rows that arrive meanwhile move nothing.
    """
    index, attribute = _INDEXES[by]
    rows = index.query(
        pk,
        attribute.between(*window.bounds),
        scan_index_forward=False,
        consistent_read=True,
        limit=limit + 1,
        last_evaluated_key=_start_after(pk, by, attribute.attr_name, position) if position else None,
    )
    items = list(islice(rows, limit + 1))
    shown = items[:limit]
    return Found(shown, str(getattr(shown[-1], by.value)) if len(items) > limit else None)


def _start_after(pk: str, by: ByList, attribute: str, position: str) -> dict[str, dict[str, str]]:
    """The key of the row at a position: `<KIND>#[<state>#]<instant>#<id>` names its sort key `<KIND>#<id>`."""
    parts = position.split("#", 2 if by is ByList.TIME else 3)
    return {"pk": {"S": pk}, "sk": {"S": f"{parts[0]}#{parts[-1]}"}, attribute: {"S": position}}
