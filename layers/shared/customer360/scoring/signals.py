"""What the scores are worked out from besides the model, taken from a customer's kept totals as of a day of the shop's
calendar. Which of it counts is for who knows the connected sources.

Of messages and visits a click and a session weigh 1 each: both are something the customer did. An open weighs 0.5,
because mail programs open messages by themselves, too (Apple's Mail Privacy Protection), so that it says less; and
because who clicks has opened, so that a click comes to 1.5 in all, and to 2.5 with the visit it leads to.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import fsum, log
from typing import NamedTuple

from customer360.money import EXACT
from customer360.scoring.inputs import Engagement, Purchases
from customer360.scoring.months import Kind, Months, month_key, signals_in, ticket_detail

HALF_LIFE_DAYS = 30
RECENT_DAYS, ACTIVE_DAYS = 30, 120  # the trend compares the recent days with the 90 before them
YEAR_DAYS = 365
STEEPEST = 1.5  # the logarithm of the change that is as much of a trend as there can be: 4.5 times as much, smoothed

WEIGHTS: Mapping[Kind, float] = {"opens": 0.5, "clicks": 1.0, "sessions": 1.0}
PRIORITY_WEIGHTS = {"low": 0.2, "medium": 0.4, "high": 0.8, "urgent": 1.2}
RESOLVED_SHARE = 0.3
TICKET_WEIGHTS = {
    ticket_detail(priority, is_open=is_open): weight * (1.0 if is_open else RESOLVED_SHARE)
    for priority, weight in PRIORITY_WEIGHTS.items()
    for is_open in (True, False)
}


class Weighed(NamedTuple):
    """So much weight, so many whole days ago."""

    age: int
    weight: float


class LastYear(NamedTuple):
    """What the 365 days up to and with some day say, had every source been connected: spend in the shop's currency."""

    spend: Decimal
    engagement: Engagement
    support_load: float


def purchases_of(totals: Mapping[str, Decimal], moments: Mapping[str, datetime]) -> Purchases | None:
    """The purchase history in the metrics, None if nothing was ever bought."""
    if not totals.get("purchaseDays"):
        return None
    return Purchases(int(totals["purchaseDays"]), moments["firstPurchaseAt"], moments["lastPurchaseAt"])


def first_month(today: date) -> str:
    """The sort key of the earliest month `last_year` looks at: the 13th with today's, or the 12th."""
    return month_key(today - timedelta(days=YEAR_DAYS - 1))


def last_year(months: Months, today: date) -> LastYear:
    """As of the end of `today`. What is dated later counts as of today: a source's clock may run ahead. A ticket of
    more than a year ago, which would weigh under 0.0003, does not count."""
    spend, touches, tickets = Decimal(0), list[Weighed](), list[Weighed]()
    for day, kind, number, detail in signals_in(months):
        age = max((today - day).days, 0)
        if age >= YEAR_DAYS:
            continue
        if kind == "spend":
            spend = EXACT.add(spend, number)
        elif kind == "tickets":
            tickets.append(Weighed(age, TICKET_WEIGHTS[detail] * float(number)))
        elif kind in WEIGHTS:
            touches.append(Weighed(age, WEIGHTS[kind] * float(number)))
    return LastYear(spend, _engagement(touches), _as_kept(_faded(tickets)))


def _engagement(touches: Iterable[Weighed]) -> Engagement:
    active = [touch for touch in touches if touch.age < ACTIVE_DAYS]
    recent = fsum(touch.weight for touch in active if touch.age < RECENT_DAYS)
    before = fsum(touch.weight for touch in active if touch.age >= RECENT_DAYS)
    months_before = (ACTIVE_DAYS - RECENT_DAYS) / RECENT_DAYS
    trend = log((recent + 1) / (before / months_before + 1)) / STEEPEST
    return Engagement(_as_kept(_faded(active)), _as_kept(min(max(trend, -1.0), 1.0)))


def _faded(weights: Iterable[Weighed]) -> float:
    """Their sum, each half of what it was for every 30 days; the same in whatever order."""
    return fsum(weight * 2 ** (-age / HALF_LIFE_DAYS) for age, weight in weights)


def _as_kept(value: float) -> float:
    """To 4 decimals, so that the inputs kept with a score are exactly those it was worked out from; no -0.0."""
    return round(value, 4) + 0.0
