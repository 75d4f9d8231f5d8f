"""Distinct days with a completed purchase, which the churn model counts: kept exact without reading the history."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from customer360.instants import sortable
from customer360.orders.record import PURCHASE, Order
from customer360.sources.record import Record

# Whether another order than the one named was completed between two sort keys of the milestone index.
OtherBetween = Callable[[str, str, str], bool]


def purchase_days_moved(
    old: Record | None, new: Record, last_purchase_at: datetime | None, time_zone: ZoneInfo, other_between: OtherBetween
) -> int:
    """By how much the number of distinct purchase days changes (-1, 0 or 1) when `new` replaces `old`."""
    if not isinstance(new, Order):
        return 0
    before = old.purchase_day(time_zone) if isinstance(old, Order) else None
    after = new.purchase_day(time_zone)
    if before == after:
        return 0
    last_day = last_purchase_at.astimezone(time_zone).date() if last_purchase_at else None
    last_is_another = not (isinstance(old, Order) and old.is_completed and old.placed_at == last_purchase_at)

    def is_only_purchase_of(day: date) -> bool:
        """Mostly known from the last purchase alone; the index is asked about days further back."""
        if last_day is None or day > last_day:
            return True
        if day == last_day and last_is_another:
            return False
        return not other_between(*_bounds(day, time_zone), new.order_id)

    gained = int(after is not None and is_only_purchase_of(after))
    lost = int(before is not None and is_only_purchase_of(before))
    return gained - lost


def _bounds(day: date, time_zone: ZoneInfo) -> tuple[str, str]:
    """The sort keys between which the day's purchases stand."""
    start = datetime.combine(day, time(), time_zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), time_zone).astimezone(UTC)
    return f"{PURCHASE}#{sortable(start)}", f"{PURCHASE}#{sortable(end)}"
