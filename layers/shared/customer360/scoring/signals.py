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
from typing import NamedTuple, Self

from customer360.money import EXACT
from customer360.scoring.inputs import Engagement, Purchases
from customer360.scoring.months import Kind, Months, Signal, TicketState, month_key, signals_in

HALF_LIFE_DAYS = 30
RECENT_DAYS, ACTIVE_DAYS = 30, 120  # the trend compares the recent days with the 90 before them
YEAR_DAYS = 365
STEEPEST = 1.5  # the logarithm of the change that is as much of a trend as there can be: 4.5 times as much, smoothed

WEIGHTS: Mapping[Kind, float] = {"opens": 0.5, "clicks": 1.0, "sessions": 1.0}
PRIORITY_WEIGHTS = {"low": 0.2, "medium": 0.4, "high": 0.8, "urgent": 1.2}
RESOLVED_SHARE = 0.3
NEVER = date.max.toordinal() + 1  # the day of resolution of a ticket that is open


class Touch(NamedTuple):
    """So much weight of opens, clicks and sessions on a day, as `date.toordinal` counts it."""

    day: int
    weight: float

    @classmethod
    def of(cls, signal: Signal) -> Self:
        return cls(signal.day.toordinal(), WEIGHTS[signal.kind] * float(signal.number))


class Tickets(NamedTuple):
    """So much weight of tickets that came on a day, while they are open, and the day they were resolved on: from the
    beginning where that is not known, and `NEVER` while they are open. Days as `date.toordinal` counts them."""

    day: int
    weight: float
    resolved: int

    @classmethod
    def of(cls, signal: Signal) -> Self:
        day, state = signal.day.toordinal(), TicketState.of(signal.detail)
        resolved = state.resolved_on.toordinal() if state.resolved_on else day
        weight = PRIORITY_WEIGHTS[state.priority] * float(signal.number)
        return cls(day, weight, NEVER if state.is_open else resolved)

    def weight_on(self, day: int) -> float:
        return self.weight * (RESOLVED_SHARE if self.resolved <= day else 1.0)


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
    now = today.toordinal()
    spend, touches, tickets = Decimal(0), list[Touch](), list[Tickets]()
    for signal in signals_in(months):
        if (today - signal.day).days >= YEAR_DAYS:
            continue
        if signal.kind == "spend":
            spend = EXACT.add(spend, signal.number)
        elif signal.kind == "tickets":
            came = Tickets.of(signal)
            tickets.append(Tickets(min(came.day, now), came.weight, NEVER if came.resolved == NEVER else now))
        elif signal.kind in WEIGHTS:
            touch = Touch.of(signal)
            touches.append(Touch(min(touch.day, now), touch.weight))
    return LastYear(spend, Engagement(_activity(touches, now), trend(touches, now)), support_load(tickets, now))


def trend(touches: Iterable[Touch], day: int) -> float:
    """-1..1, of touches until the end of `day`: the recent days' weight against that of a month before them."""
    recent = before = 0.0
    for on, weight in touches:
        age = day - on
        if age < RECENT_DAYS:
            recent += weight
        elif age < ACTIVE_DAYS:
            before += weight
    months_before = (ACTIVE_DAYS - RECENT_DAYS) / RECENT_DAYS
    change = log((recent + 1) / (before / months_before + 1)) / STEEPEST
    return _as_kept(min(max(change, -1.0), 1.0))


def support_load(tickets: Iterable[Tickets], day: int) -> float:
    """>= 0, as of the end of `day`, of tickets until then: the weight of those of a year, each less from the day on
    which it was resolved, and half of what it was for every 30 days."""
    return _faded((day - came.day, came.weight_on(day)) for came in tickets if day - came.day < YEAR_DAYS)


def _activity(touches: Iterable[Touch], day: int) -> float:
    return _faded((day - on, weight) for on, weight in touches if day - on < ACTIVE_DAYS)


def _faded(weights: Iterable[tuple[int, float]]) -> float:
    """The sum of weights by age, each half of what it was for every 30 days; the same in whatever order."""
    return _as_kept(fsum(weight * 2 ** (-age / HALF_LIFE_DAYS) for age, weight in weights))


def _as_kept(value: float) -> float:
    """To 4 decimals, so that the inputs kept with a score are exactly those it was worked out from; no -0.0."""
    return round(value, 4) + 0.0
