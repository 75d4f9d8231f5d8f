"""What the scores are computed from, taken from a customer's kept totals. A source that is not connected is None.

Engagement is taken from the latest visit, open or click alone, and support from the tickets open now: simple, in
range, and never a guess about a source that is silent because it does not exist.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from customer360.instants import whole_days
from customer360.scoring.inputs import Engagement, Purchases

HALF_LIFE_DAYS = 30
PRIORITY_WEIGHTS = {"low": 0.2, "medium": 0.4, "high": 0.8, "urgent": 1.2}

Totals = Mapping[str, Decimal]
Moments = Mapping[str, datetime]


def purchases_of(totals: Totals, moments: Moments) -> Purchases | None:
    """The purchase history in the metrics, None if nothing was ever bought."""
    if not totals.get("purchaseDays"):
        return None
    return Purchases(int(totals["purchaseDays"]), moments["firstPurchaseAt"], moments["lastPurchaseAt"])


def engagement_of(latest: datetime | None, now: datetime) -> Engagement:
    """One visit, open or click, fading with a half-life of 30 days; nothing known of a trend."""
    activity = 0.0 if latest is None else 2 ** (-whole_days(latest, now) / HALF_LIFE_DAYS)
    return Engagement(activity=activity, trend=0.0)


def support_load_of(totals: Totals) -> float:
    """The weight of the open tickets by priority."""
    return sum(weight * float(totals.get(f"open:{priority}", 0)) for priority, weight in PRIORITY_WEIGHTS.items())
