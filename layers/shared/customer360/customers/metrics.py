"""The metrics of a customer, from the kept totals. Ages are worked out for `now`, so they never go stale."""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from customer360.customers.schemas import Metrics
from customer360.instants import whole_days
from customer360.money import EXACT, rounded

SHORTEST_TENURE_DAYS = 30
HUNDREDTH = Decimal("0.01")


def average_order_value(totals: Mapping[str, Decimal], currency: str) -> Decimal:
    """Lifetime value over completed orders, half-up to the currency's decimals; 0 without any."""
    completed = totals.get("completedOrders", Decimal(0))
    return rounded(
        EXACT.divide(totals.get("lifetimeValue", Decimal(0)), completed) if completed else Decimal(0), currency
    )


def purchase_frequency(completed_orders: int, tenure_days: int) -> Decimal:
    """Completed orders per 30 days of tenure, which counts as at least 30 days; two decimals."""
    days = Decimal(max(tenure_days, SHORTEST_TENURE_DAYS))
    return (Decimal(30 * completed_orders) / days).quantize(HUNDREDTH, ROUND_HALF_UP)


def metrics_of(
    totals: Mapping[str, Decimal],
    moments: Mapping[str, datetime],
    registered_at: datetime,
    now: datetime,
    *,
    currency: str,
    updated_at: datetime | None,
) -> Metrics:
    last_purchase_at = moments.get("lastPurchaseAt")
    lifetime_value = rounded(totals.get("lifetimeValue", Decimal(0)), currency)
    completed_orders = int(totals.get("completedOrders", 0))
    tenure = whole_days(registered_at, now)
    return Metrics(
        currency=currency,
        lifetime_value=lifetime_value,
        total_orders=int(totals.get("totalOrders", 0)),
        completed_orders=completed_orders,
        average_order_value=average_order_value(totals, currency),
        total_spent=lifetime_value,
        refunded_amount=rounded(totals.get("refundedAmount", Decimal(0)), currency),
        days_since_last_purchase=whole_days(last_purchase_at, now) if last_purchase_at else None,
        last_purchase_at=last_purchase_at,
        purchase_frequency=purchase_frequency(completed_orders, tenure),
        customer_tenure=tenure,
        updated_at=updated_at,
    )
