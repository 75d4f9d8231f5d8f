"""What the kept totals of a customer's orders come to on average."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

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
