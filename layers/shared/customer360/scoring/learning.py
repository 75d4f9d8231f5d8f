"""What a shop's churn model learns from its customers' purchase days and spend.

Everything is as of a day: only what happened until then is looked at, so that the past can be replayed honestly.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from statistics import fmean, median
from typing import NamedTuple

from customer360.scoring import correction
from customer360.scoring.churn import log_odds, model_log_odds, probability_from, spend_effect, spend_share
from customer360.scoring.correction import Case
from customer360.scoring.fitting import Counts, Estimate, FitRefused, fit
from customer360.scoring.inputs import History
from customer360.scoring.parameters import DEFAULT, ModelParameters

WINDOWS = 3  # back-test windows, each a third of a window before the next
SPEND_DAYS = 365

Fit = Callable[[Counts, ModelParameters], Estimate]


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer's distinct purchase days (at least one), and what they spent (less refunds) on which day, both with
    the earliest first and days as `date.toordinal` counts them. Without any spending, spend is not known.
    """

    days: Sequence[int]
    spending: Sequence[tuple[int, Decimal]] = ()

    def history(self, day: int) -> History:
        """As known at the end of `day`, which is not before the first purchase."""
        count = bisect_right(self.days, day)
        return History(repeats=count - 1, span=self.days[count - 1] - self.days[0], age=day - self.days[0])

    def spend_365(self, day: int) -> Decimal | None:
        """The 365 days' spend up to and with `day`; None where spend is not known."""
        if not self.spending:
            return None
        return sum((amount for on, amount in self.spending if day - SPEND_DAYS < on <= day), Decimal(0))

    def buys_within(self, day: int, days: int) -> bool:
        """Whether there is a purchase in the `days` days after `day`."""
        return bisect_right(self.days, day + days) > bisect_right(self.days, day)


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
    c0, c1, c2, c3 = correction.correction(windows)
    c0 -= c2 * math.log(_mean_days(buyers, now))  # so that c2 goes with ln(1 + x), as the scores have it
    return Learned(replace(fitted, c0=c0, c1=c1, c2=c2, c3=c3).named_on(day), None)


def known_buyers(buyers: Sequence[Buyer], day: date) -> list[Buyer]:
    """Those who had bought by the end of `day`."""
    return [buyer for buyer in buyers if buyer.days[0] <= day.toordinal()]


def risks(buyers: Sequence[Buyer], day: date, parameters: ModelParameters) -> list[float]:
    """The chance of no purchase within the horizon, 0..1, by purchases and spend alone, for buyers known on `day`."""
    now = day.toordinal()
    return [
        probability_from(
            log_odds(buyer.history(now), parameters) + spend_effect(buyer.spend_365(now), parameters),
        )
        for buyer in buyers
    ]


def _fitted(buyers: Sequence[Buyer], now: int, in_use: ModelParameters, fitted_by: Fit) -> ModelParameters:
    """Uncorrected, and not yet named."""
    known = [buyer for buyer in buyers if buyer.days[0] <= now]
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
    spent = [buyer.spend_365(now) for buyer in known if buyer.buys_within(now - SPEND_DAYS, SPEND_DAYS)]
    middle = median([spend for spend in spent if spend is not None] or [Decimal(0)])
    return middle if middle > 0 else None


def _cases(buyers: Sequence[Buyer], start: int, window: int, in_use: ModelParameters, fitted_by: Fit) -> Iterator[Case]:
    """What the model of `start` said of each customer then, and what they did until `window` days later."""
    try:
        fitted = replace(_fitted(buyers, start, in_use, fitted_by), horizon_days=window)
    except FitRefused:
        return
    mean_days = _mean_days(buyers, start)
    for buyer in buyers:
        if buyer.days[0] <= start:
            history = buyer.history(start)
            share = spend_share(buyer.spend_365(start), fitted)
            yield Case(
                log_odds=model_log_odds(history, fitted),
                frequency=math.log((1 + history.repeats) / mean_days),
                spend=0.0 if share is None else share - 0.5,
                silent=not buyer.buys_within(start, window),
            )


def _mean_days(buyers: Sequence[Buyer], now: int) -> float:
    """Purchase days per customer known by then, at least 1."""
    return fmean(bisect_right(buyer.days, now) for buyer in buyers if buyer.days[0] <= now)
