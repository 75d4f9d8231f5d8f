"""How a customer shops, from the kept totals alone: one batch read, whatever the history."""

from collections.abc import Mapping
from decimal import Decimal
from typing import get_args

from customer360.analytics import schemas
from customer360.analytics.categories import SHARD_KEYS
from customer360.analytics.ranking import Category, categories_of, ranking_of
from customer360.analytics.record import Device
from customer360.money import rounded
from customer360.ratios import average, percentage
from customer360.settings import settings
from customer360.storage.heads import some_heads
from customer360.storage.keys import BEHAVIOUR

NOTHING = Decimal(0)


def of_customer(customer_id: str, permissions: frozenset[str]) -> schemas.Analytics:
    """Raises NotFound."""
    heads = some_heads(customer_id, BEHAVIOUR, *SHARD_KEYS)
    categories = categories_of(heads.totals(key) for key in SHARD_KEYS)
    ranking = ranking_of(categories, sees_revenue="financials:read" in permissions)
    totals = heads.totals(BEHAVIOUR)
    return schemas.Analytics(
        top_categories=[_row(category) for category in ranking.top],
        top_viewed_categories=[_row(category) for category in ranking.viewed],
        top_purchased_categories=[_row(category) for category in ranking.purchased],
        session_stats=_session_stats(totals),
        device_breakdown=_device_breakdown(totals),
        shopping_times=_shopping_times(totals),
        updated_at=heads.updated_at("analytics"),
    )


def _row(category: Category) -> schemas.CategoryRow:
    return schemas.CategoryRow(
        category=category.name,
        view_count=int(category.views),
        purchase_count=category.units,
        revenue=rounded(category.revenue, settings().shop_currency),
    )


def _session_stats(totals: Mapping[str, Decimal]) -> schemas.SessionStats:
    sessions = totals.get("sessions", NOTHING)
    return schemas.SessionStats(
        total_sessions=int(sessions),
        average_duration=average(totals.get("seconds", NOTHING), 60 * sessions),
        pages_per_session=average(totals.get("pageViews", NOTHING), sessions),
        bounce_rate=percentage(totals.get("bounces", NOTHING), sessions),
    )


def _device_breakdown(totals: Mapping[str, Decimal]) -> list[schemas.DeviceShare]:
    """The devices that were used, most used first, equals by name."""
    used = {device: totals[f"device:{device}"] for device in get_args(Device) if f"device:{device}" in totals}
    return [
        schemas.DeviceShare(
            device=device, sessions=int(sessions), percentage=percentage(sessions, totals.get("sessions", NOTHING))
        )
        for device, sessions in sorted(used.items(), key=lambda share: (-share[1], share[0]))
    ]


def _shopping_times(totals: Mapping[str, Decimal]) -> schemas.ShoppingTimes:
    return schemas.ShoppingTimes(
        time_zone=settings().shop_time_zone,
        day_of_week={str(day): int(totals.get(f"day:{day}", 0)) for day in range(7)},
        hour_of_day={str(hour): int(totals.get(f"hour:{hour}", 0)) for hour in range(24)},
    )
