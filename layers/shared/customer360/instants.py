"""Instants: aware, UTC, to the microsecond. One text for keys (sorts as time does), one for answers."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def sortable(instant: datetime) -> str:
    """Fixed-width text whose order is the order of time: `2026-01-02T03:04:05.123456Z`."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_sortable(text: str) -> datetime:
    return datetime.fromisoformat(text)


def answered(instant: datetime) -> str:
    """What an answer carries: `2026-01-02T03:04:05Z`, fractions dropped."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def whole_days(since: datetime, now: datetime) -> int:
    """Whole elapsed days, never negative: a clock of a source may run ahead of ours."""
    return max(0, (now - since) // DAY)


def period(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the last instant, in UTC, of what a person means by a text: of a date its whole day in the zone.

    An instant (ISO 8601, with a zone of its own) without a fraction is its whole second, because answers show whole
    seconds; with one it is itself. Raises ValueError, or OverflowError beyond the calendar.
    """
    if _DATE.fullmatch(text):
        day = date.fromisoformat(text)
        # Where a clock is put back at midnight there are two such times: the day begins with the first.
        first, last = datetime.combine(day, time.min, zone), datetime.combine(day, time.max.replace(fold=1), zone)
        return first.astimezone(UTC), last.astimezone(UTC)
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no zone")
    first = instant.astimezone(UTC)
    return first, first if re.search(r"[.,]", text) else first.replace(microsecond=999_999)
