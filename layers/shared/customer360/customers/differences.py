"""How customers compared side by side differ: pure arithmetic over what each of them answers.

A difference is made only of what the caller may see: of a measure that needs a permission they lack there is neither
a row nor a trace, as rows stand in an order of their own and each is worked out by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from customer360.customers.comparison_schemas import Difference, PartlyShared, SegmentOverlap
from customer360.customers.schemas import Overview
from customer360.money import EXACT

NOTABLE_PERCENT = Decimal(25)
TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared; `better` is the end of the scale a shop wants its customers at, None where it is all one."""

    metric: str
    of: Callable[[Overview], Decimal | int | None]
    better: Literal["higher", "lower"] | None
    needs: str = "customers:read"


MEASURES = (
    Measure("lifetimeValue", lambda one: one.metrics.lifetime_value, "higher", needs="financials:read"),
    Measure("averageOrderValue", lambda one: one.metrics.average_order_value, "higher", needs="financials:read"),
    Measure("totalOrders", lambda one: one.metrics.total_orders, "higher"),
    Measure("completedOrders", lambda one: one.metrics.completed_orders, "higher"),
    Measure("purchaseFrequency", lambda one: one.metrics.purchase_frequency, "higher"),
    Measure("daysSinceLastPurchase", lambda one: one.metrics.days_since_last_purchase, "lower"),
    Measure("customerTenure", lambda one: one.metrics.customer_tenure, None),
    Measure("engagement", lambda one: one.health_score.factors.engagement, "higher"),
    Measure("healthScore", lambda one: one.health_score.score, "higher"),
    Measure("churnScore", lambda one: one.churn_risk.score, "lower"),
    Measure("openTickets", lambda one: one.churn_risk.factors.support_issues, "lower"),
)


def differences(customers: Sequence[Overview], permissions: Container[str]) -> list[Difference]:
    """One of each measure, in their order."""
    ids = [customer.profile.id for customer in customers]
    return [
        difference(measure, ids, [measure.of(customer) for customer in customers])
        for measure in MEASURES
        if measure.needs in permissions
    ]


def difference(measure: Measure, ids: Sequence[str], values: Sequence[Decimal | int | None]) -> Difference:
    """Between the values of these customers, None where one has none."""
    numbers = [None if value is None else Decimal(value) for value in values]
    known = [number for number in numbers if number is not None]
    spread = spread_percent(known)
    return Difference(
        metric=measure.metric,
        values=numbers,
        min=min(known, default=None),
        max=max(known, default=None),
        spread_percent=spread,
        is_notable=spread is not None and spread >= NOTABLE_PERCENT,
        best=_best(measure, ids, numbers),
    )


def spread_percent(values: Sequence[Decimal]) -> Decimal | None:
    """What lies between the least and the greatest, in percent of the one farther from zero, half-up to one decimal;
    None of fewer than two."""
    if len(values) < 2:
        return None
    width = EXACT.subtract(max(values), min(values))
    farthest = max(abs(value) for value in values)
    share = EXACT.divide(width, farthest) if farthest else Decimal(0)
    return EXACT.multiply(share, Decimal(100)).quantize(TENTH, ROUND_HALF_UP)


def _best(measure: Measure, ids: Sequence[str], values: Sequence[Decimal | None]) -> str | None:
    """Whoever is better than everybody else, if anybody is."""
    known = {one: value for one, value in zip(ids, values, strict=True) if value is not None}
    if measure.better is None or len(known) < 2:
        return None
    top = max(known.values()) if measure.better == "higher" else min(known.values())
    winners = [one for one, value in known.items() if value == top]
    return winners[0] if len(winners) == 1 else None


def overlap(segments: Mapping[str, Sequence[str]]) -> SegmentOverlap:
    """Of the ids of segments by the customer who is in them."""
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for customer_id, held in segments.items():
        for segment_id in held:
            holders[segment_id].append(customer_id)
    return SegmentOverlap(
        shared=[segment_id for segment_id, who in holders.items() if len(who) == len(segments)],
        only_in={
            one: [segment_id for segment_id in held if len(holders[segment_id]) == 1] for one, held in segments.items()
        },
        partly_shared=[
            PartlyShared(id=segment_id, customers=who)
            for segment_id, who in holders.items()
            if 1 < len(who) < len(segments)
        ],
    )
