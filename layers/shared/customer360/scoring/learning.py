"""What a shop's churn model learns from its customers' purchase days, their spend, what they do and their tickets.

Everything is as of a day: only what happened until then is looked at, so that the past can be replayed honestly.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from operator import attrgetter
from statistics import fmean, median
from typing import NamedTuple, TypeVar

from customer360.scoring import correction
from customer360.scoring.churn import (
    engagement_effect,
    log_odds,
    model_log_odds,
    probability_from,
    spend_effect,
    spend_share,
    support_effect,
)
from customer360.scoring.correction import Case, Correction
from customer360.scoring.fitting import Counts, Estimate, FitRefused, fit
from customer360.scoring.inputs import History
from customer360.scoring.parameters import DEFAULT, ModelParameters
from customer360.scoring.signals import ACTIVE_DAYS, YEAR_DAYS, Tickets, Touch, support_load, trend

WINDOWS = 3  # back-test windows, each a third of a window before the next

Fit = Callable[[Counts, ModelParameters], Estimate]
Dated = TypeVar("Dated", Touch, Tickets)


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer's distinct purchase days (at least one), what they spent (less refunds) on which day, what they did
    and their tickets, all with the earliest first and days as `date.toordinal` counts them. Without any spending,
    spend is not known; without touches or tickets their source need not be connected, as both say the same of a risk.
    """

    days: Sequence[int]
    spending: Sequence[tuple[int, Decimal]] = ()
    touches: Sequence[Touch] = ()
    tickets: Sequence[Tickets] = ()

    def history(self, day: int) -> History:
        """As known at the end of `day`, which is not before the first purchase."""
        count = bisect_right(self.days, day)
        return History(repeats=count - 1, span=self.days[count - 1] - self.days[0], age=day - self.days[0])

    def spend_365(self, day: int) -> Decimal | None:
        """The 365 days' spend up to and with `day`; None where spend is not known."""
        if not self.spending:
            return None
        return sum((amount for on, amount in self.spending if day - YEAR_DAYS < on <= day), Decimal(0))

    def trend(self, day: int) -> float:
        """Of their engagement, as known at the end of `day`, -1..1; 0 without any."""
        return trend(_between(self.touches, day - ACTIVE_DAYS, day), day)

    def support_load(self, day: int) -> float:
        """As known at the end of `day`, >= 0. A ticket that was opened again after it had been resolved counts as open
        all the time, as only its latest state is known."""
        return support_load(_between(self.tickets, day - YEAR_DAYS, day), day)

    def buys_within(self, day: int, days: int) -> bool:
        """Whether there is a purchase in the `days` days after `day`."""
        return bisect_right(self.days, day + days) > bisect_right(self.days, day)


class Effects(NamedTuple):
    """Log-odds of one customer, at full strength."""

    engagement: float
    support: float


class Learned(NamedTuple):
    """`refusal` says why the parameters are still those in use before, None where they are new."""

    parameters: ModelParameters
    refusal: str | None


def learn(
    buyers: Sequence[Buyer],
    day: date,
    *,
    in_use: ModelParameters = DEFAULT,
    window_days: int | None = None,
    fitted_by: Fit = fit,
) -> Learned:
    """The shop's parameters as of the end of `day`, named after it, with the horizon of those `in_use`.

    The correction is learned from windows of `window_days` (the horizon unless given); what is applied in a window
    was itself fitted to what came before it. Where the fit is refused, the parameters in use stay as they are.
    """
    now, window = day.toordinal(), window_days or in_use.horizon_days
    try:
        fitted = _fitted(buyers, now, in_use, fitted_by)
    except FitRefused as refused:
        return Learned(in_use, str(refused))
    gap = max(window // WINDOWS, 1)
    starts = (now - window - index * gap for index in range(WINDOWS))
    opened = min(buyer.days[0] for buyer in buyers)
    windows = [list(_cases(buyers, start, window, in_use, fitted_by)) for start in starts if start >= opened + gap]
    found = correction.correction(windows)
    if found != correction.NONE:
        fitted = _corrected(fitted, found, _known(buyers, now), now)
    return Learned(fitted.named_on(day), None)


def known_buyers(buyers: Sequence[Buyer], day: date) -> list[Buyer]:
    """Those who had bought by the end of `day`."""
    return _known(buyers, day.toordinal())


def risks(buyers: Sequence[Buyer], day: date, parameters: ModelParameters) -> list[float]:
    """The chance of no purchase within the horizon, 0..1, as the scores of `day` have it, for buyers known then."""
    now = day.toordinal()
    return [
        probability_from(
            log_odds(buyer.history(now), parameters)
            + spend_effect(buyer.spend_365(now), parameters)
            + engagement_effect(buyer.trend(now), parameters)
            + support_effect(buyer.support_load(now), parameters)
        )
        for buyer in buyers
    ]


def _fitted(buyers: Sequence[Buyer], now: int, in_use: ModelParameters, fitted_by: Fit) -> ModelParameters:
    """Uncorrected, and not yet named."""
    known = _known(buyers, now)
    r, alpha, a, b = fitted_by(Counts.of(buyer.history(now) for buyer in known), in_use)
    return ModelParameters(
        r=r,
        alpha=alpha,
        a=a,
        b=b,
        horizon_days=in_use.horizon_days,
        version="",
        median_spend=_median_spend(known, now),
    )


def _median_spend(known: Sequence[Buyer], now: int) -> Decimal | None:
    """Over who bought in the last 365 days and whose spend is known; None if nobody's is, or if half spent nothing."""
    spent = [buyer.spend_365(now) for buyer in known if buyer.buys_within(now - YEAR_DAYS, YEAR_DAYS)]
    middle = median([spend for spend in spent if spend is not None] or [Decimal(0)])
    return middle if middle > 0 else None


def _cases(buyers: Sequence[Buyer], start: int, window: int, in_use: ModelParameters, fitted_by: Fit) -> Iterator[Case]:
    """What the model of `start` said of each customer then, and what they did until `window` days later."""
    try:
        fitted = replace(_fitted(buyers, start, in_use, fitted_by), horizon_days=window)
    except FitRefused:
        return
    known = _known(buyers, start)
    mean_days, effects = _mean_days(known, start), _effects(known, start)
    mean = _mean(effects)
    for buyer, effect in zip(known, effects, strict=True):
        history = buyer.history(start)
        share = spend_share(buyer.spend_365(start), fitted)
        yield Case(
            log_odds=model_log_odds(history, fitted),
            frequency=math.log((1 + history.repeats) / mean_days),
            spend=0.0 if share is None else share - 0.5,
            silent=not buyer.buys_within(start, window),
            engagement=effect.engagement - mean.engagement,
            support=effect.support - mean.support,
        )


def _corrected(fitted: ModelParameters, found: Correction, known: Sequence[Buyer], now: int) -> ModelParameters:
    """What was found goes with the customers' distance from their mean, and the scores have the numbers themselves: so
    the means of `now` go into the level."""
    mean = _mean(_effects(known, now))
    usual = found.c2 * math.log(_mean_days(known, now))
    usual += found.engagement * mean.engagement + found.support * mean.support
    return replace(
        fitted,
        c0=found.c0 - usual,
        c1=found.c1,
        c2=found.c2,
        c3=found.c3,
        engagement_strength=found.engagement,
        support_strength=found.support,
    )


def _between(dated: Sequence[Dated], after: int, until: int) -> Sequence[Dated]:
    """Those of the days after the one and until the end of the other."""
    day = attrgetter("day")
    return dated[bisect_right(dated, after, key=day) : bisect_right(dated, until, key=day)]


def _known(buyers: Sequence[Buyer], now: int) -> list[Buyer]:
    return [buyer for buyer in buyers if buyer.days[0] <= now]


def _mean_days(known: Sequence[Buyer], now: int) -> float:
    """Purchase days per customer, at least 1."""
    return fmean(bisect_right(buyer.days, now) for buyer in known)


def _effects(known: Sequence[Buyer], now: int) -> list[Effects]:
    return [Effects(engagement_effect(buyer.trend(now)), support_effect(buyer.support_load(now))) for buyer in known]


def _mean(effects: Sequence[Effects]) -> Effects:
    return Effects(fmean([one.engagement for one in effects]), fmean([one.support for one in effects]))
