"""The facts a segment's criteria ask about: the numbers the customer's page shows, from the head items."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from customer360.customers.measured import metrics_of
from customer360.customers.profile import primary_position, profile_of
from customer360.customers.record import Address
from customer360.loyalty.membership import tier_in
from customer360.marketing.rates import email_rate
from customer360.scoring.churn import ChurnLevel
from customer360.segments.rules import Fact, Facts
from customer360.storage.heads import Heads
from customer360.storage.keys import SUPPORT


def facts_of(
    heads: Heads, *, health_score: Decimal, churn_level: ChurnLevel, points_balance: Callable[[], int], now: datetime
) -> Facts:
    """Every field of `criteria.FIELDS`, as of `now`; None where there is no such fact.

    `heads` are all head items. The balance is not in them: `points_balance` reads what the loyalty section shows at
    `now` (`loyalty.kept.read_balance`), and is called once at most, and only if a rule comes to ask about it.

    A tag of the shop that was deleted counts until it has been taken from the customer.
    """
    profile = profile_of(heads)
    metrics = metrics_of(heads, profile, now)
    return _Facts(
        points_balance,
        lifetimeValue=metrics.lifetime_value,
        totalOrders=metrics.total_orders,
        completedOrders=metrics.completed_orders,
        averageOrderValue=metrics.average_order_value,
        daysSinceLastPurchase=metrics.days_since_last_purchase,
        purchaseFrequency=metrics.purchase_frequency,
        tenureDays=metrics.customer_tenure,
        loyaltyTier=tier_in(heads),
        healthScore=health_score,
        churnLevel=churn_level,
        openTickets=int(heads.totals(SUPPORT).get("open", 0)),
        emailOptIn=profile.opt_ins.email,
        smsOptIn=profile.opt_ins.sms,
        pushOptIn=profile.opt_ins.push,
        openRate=email_rate(heads, "opened"),
        accountStatus=profile.status,
        country=_country(profile.addresses),
        tag=frozenset(heads.tags()),
        registeredAt=profile.registered_at,
    )


class _Facts(dict[str, Fact]):
    """The facts by field; the points balance comes in when it is first asked for."""

    def __init__(self, points_balance: Callable[[], int], **facts: Fact) -> None:
        super().__init__(facts)
        self._points_balance = points_balance

    def __missing__(self, field: str) -> Fact:
        if field != "pointsBalance":
            raise KeyError(field)
        self[field] = balance = self._points_balance()
        return balance


def _country(addresses: list[Address]) -> str | None:
    """Of the primary address."""
    primary = primary_position(addresses)
    return None if primary is None else addresses[primary].country
