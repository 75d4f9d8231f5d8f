"""What `GET …/analytics` answers."""

from decimal import Decimal

from customer360.analytics.record import Device
from customer360.api.schema import Financial, Instant, Number, Response


class CategoryRow(Response):
    """`purchaseCount` is units, which may be fractions; `revenue` is in the shop's currency."""

    category: str
    view_count: int
    purchase_count: Number
    revenue: Financial[Decimal]


class SessionStats(Response):
    """`averageDuration` is in minutes; a bounce is a session of at most one page view, its rate in percent."""

    total_sessions: int
    average_duration: Number
    pages_per_session: Number
    bounce_rate: Number


class DeviceShare(Response):
    """`percentage` is of all sessions."""

    device: Device
    sessions: int
    percentage: Number


class ShoppingTimes(Response):
    """Orders that were not cancelled by when they were placed, in `timeZone`; day "0" is Sunday. Every day and every
    hour is there."""

    time_zone: str
    day_of_week: dict[str, int]
    hour_of_day: dict[str, int]


class Analytics(Response):
    """The lists of categories hold at most ten each. `topCategories` is by revenue for those who may see it."""

    top_categories: list[CategoryRow]
    top_viewed_categories: list[CategoryRow]
    top_purchased_categories: list[CategoryRow]
    session_stats: SessionStats
    device_breakdown: list[DeviceShare]
    shopping_times: ShoppingTimes
    updated_at: Instant | None
