"""A customer's metrics as they are answered, for all who show them or ask about them."""

from datetime import datetime
from decimal import Decimal

from customer360.customers.metrics import average_order_value, purchase_frequency
from customer360.customers.record import Customer
from customer360.customers.schemas import Metrics
from customer360.instants import whole_days
from customer360.money import rounded
from customer360.settings import settings
from customer360.storage.heads import Heads
from customer360.storage.keys import METRICS


def metrics_of(heads: Heads, customer: Customer, now: datetime) -> Metrics:
    """Ages are worked out for `now`, so they never go stale."""
    totals, currency = heads.totals(METRICS), settings().shop_currency
    last_purchase_at = heads.moments(METRICS).get("lastPurchaseAt")
    lifetime_value = rounded(totals.get("lifetimeValue", Decimal(0)), currency)
    completed_orders = int(totals.get("completedOrders", 0))
    tenure = whole_days(customer.registered_at, now)
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
        updated_at=heads.updated_at("metrics"),
    )
