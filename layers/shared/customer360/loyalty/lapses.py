"""Points that have lapsed, as lists show them: nobody writes a lapse when it happens, so it is read from the ledger."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any

from customer360.instants import sortable
from customer360.loyalty.kept import find_ledger, kept_years, ledger_in
from customer360.storage.items import CustomerItem
from customer360.storage.paging import END, Row, Stream
from customer360.timeline.entries import OURS

# In no id of a source's, and there is one lapse to an instant: so this and the instant name it for good.
LAPSE = OURS + "lapse"

Shown = Callable[[str, int], dict[str, Any]]


def lapse_stream(pk: str, now: datetime) -> Stream:
    """What has lapsed by `now` and no transaction of the source settles, as entries of the timeline."""

    def rows(low: str, high: str, limit: int) -> list[Row]:
        return lapses_after(pk, find_ledger(pk), now, as_entry)(low, high, limit)

    return rows


def lapses_after(pk: str, item: CustomerItem | None, now: datetime, shown: Shown) -> Stream:
    """The same for a ledger that is read already; `shown` makes a row's summary of the instant and the points.

    Reads no more years than a page needs, and nothing for a customer without points.
    """
    return partial(_rows, pk, item, sortable(now), shown)


def as_transaction(instant: str, points: int) -> dict[str, Any]:
    """A lapse among the points transactions."""
    return {
        "id": f"{LAPSE}{OURS}{instant}",
        "type": "expired",
        "points": -points,
        "description": "Points expired",
        "date": instant,
    }


def as_entry(instant: str, points: int) -> dict[str, Any]:
    """A lapse in the timeline."""
    return {
        "id": f"{LAPSE}{OURS}{instant}",
        "type": "loyalty",
        "title": "Points expired",
        "description": f"{-points:+d} points",
        "timestamp": instant,
        "metadata": {"pointsType": "expired", "points": -points},
    }


def _rows(pk: str, item: CustomerItem | None, now: str, shown: Shown, low: str, high: str, limit: int) -> list[Row]:
    high = min(high, f"{now}#{END}")
    if item is None or low > high:
        return []
    lapses = ((f"{instant}#{LAPSE}", instant, points) for instant, points in _newest_first(pk, item, low, high))
    rows = (Row(place, shown(instant, points)) for place, instant, points in lapses if low <= place <= high)
    return list(islice(rows, limit))


def _newest_first(pk: str, item: CustomerItem, low: str, high: str) -> Iterator[tuple[str, int]]:
    """Those of open lots have lapsed since the latest transaction: so all of them after those that are kept."""
    ledger = ledger_in(item, {})
    yield from reversed(ledger.coming.items())
    for year in kept_years(pk, low, min(high, ledger.last)):
        # What is kept as later was an open lot still when the item was read, and has been told.
        yield from ((instant, points) for instant, points in year.items() if instant < ledger.last)
