"""Instants: aware, UTC, to the microsecond. One text for keys (sorts as time does), one for answers."""

from datetime import UTC, datetime, timedelta

DAY = timedelta(days=1)


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
