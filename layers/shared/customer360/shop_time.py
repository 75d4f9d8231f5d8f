"""Days as the shop has them: in its time zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from customer360.instants import period
from customer360.settings import settings

DAY_OR_INSTANT = "must be a date (2026-01-31) or an instant with a zone (2026-01-31T09:30:00Z)"


def shop_zone() -> ZoneInfo:
    return ZoneInfo(settings().shop_time_zone)


def shop_day(instant: datetime) -> date:
    """The day of an instant. Raises OverflowError beyond the calendar."""
    return instant.astimezone(shop_zone()).date()


def meant(text: str) -> tuple[datetime, datetime]:
    """The first and the last instant, in UTC, of a date or an instant (`instants.period`). Raises ValueError, in words
    for who wrote it."""
    try:
        return period(text, shop_zone())
    except (ValueError, OverflowError):
        raise ValueError(DAY_OR_INSTANT) from None


def unescaped(text: str) -> str:
    """In a query string an unescaped `+` of an offset arrives as a space."""
    return text.replace(" ", "+")
