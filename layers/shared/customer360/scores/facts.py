"""What a customer's scores are worked out from, read from the tables."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from customer360.catalog.sources import connected_sources
from customer360.scoring.inputs import Inputs
from customer360.scoring.months import Months
from customer360.scoring.signals import first_month, last_year, purchases_of
from customer360.shop_time import shop_day
from customer360.storage.heads import Heads
from customer360.storage.items import TotalsItem
from customer360.storage.keys import BEHAVIOUR, METRICS, SIGNALS, partition

ENGAGEMENT_SOURCES = frozenset({"marketing", "analytics"})
LAST = f"{SIGNALS}~"  # after every month


def months_of(customer_id: str, now: datetime) -> dict[str, dict[str, Decimal]]:
    """The months a score of `now` depends on: the last 13 at most, and any that a source dates ahead. One Query."""
    return _months(
        TotalsItem.query(
            partition(customer_id), TotalsItem.sk.between(first_month(shop_day(now)), LAST), consistent_read=True
        )
    )


def all_months_of(customer_id: str) -> dict[str, dict[str, Decimal]]:
    """Every month there is, for learning from. One Query, of a few hundred bytes a month."""
    return _months(TotalsItem.query(partition(customer_id), TotalsItem.sk.startswith(SIGNALS), consistent_read=True))


def inputs_of(heads: Heads, months: Months, now: datetime) -> Inputs:
    """What the scores of `now` take in. A source of which no event ever reached the shop is None, and no guess."""
    connected = connected_sources() | _evidently_connected(heads)
    purchases = purchases_of(heads.totals(METRICS), heads.moments(METRICS))
    year = last_year(months, shop_day(now))
    return Inputs(
        history=purchases.history(now) if purchases else None,
        spend_365=year.spend if "orders" in connected else None,
        engagement=year.engagement if connected & ENGAGEMENT_SOURCES else None,
        support_load=year.support_load if "support" in connected else None,
        orders_connected="orders" in connected,
    )


def _evidently_connected(heads: Heads) -> frozenset[str]:
    """The sources this very customer has something of: what is remembered of the shop may be half a minute old."""
    sources = {source for source in ("orders", "marketing", "support") if heads.updated_at(source)}
    return frozenset(sources | {"analytics"} if heads.totals(BEHAVIOUR).get("sessions") else sources)


def _months(items: Iterable[TotalsItem]) -> dict[str, dict[str, Decimal]]:
    return {item.sk: item.totals for item in items}
