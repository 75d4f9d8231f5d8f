"""Churn risk: the probability that a customer buys nothing in the next `horizon_days`, and what it is made of.

The model is the MBG/NBD of Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for
customer base analysis", IJRM 24(3), a relative of the BG/NBD of Fader, Hardie & Lee (2005), "Counting your customers
the easy way", Marketing Science 24(2). All ages are in days.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Literal, NamedTuple

from customer360.scoring.evidence import SECTIONS
from customer360.scoring.inputs import NEW_CUSTOMER, History, Inputs
from customer360.scoring.parameters import DEFAULT, ModelParameters

ChurnLevel = Literal["low", "medium", "high"]
Basis = Literal["history", "prior"]
ChurnFactor = Literal["reference_new_customer", "purchase_history", "silence", "engagement", "support"]

PATH: tuple[ChurnFactor, ...] = ("reference_new_customer", "purchase_history", "silence", "engagement", "support")
MEDIUM_FROM, HIGH_FROM = Decimal(40), Decimal(70)
QUIET_BELOW = 0.75  # a customer with more than this of their own chance to buy left is not at risk, only slow
ALARMING_SUPPORT = 0.6  # log-odds
LOWEST, HIGHEST = 0.005, 0.995  # the model never claims to be certain


class Contribution(NamedTuple):
    """How many of the score's points one step of the path adds (or takes), with one decimal."""

    factor: ChurnFactor
    points: Decimal

    @property
    def sections(self) -> tuple[str, ...]:
        return SECTIONS[self.factor]


@dataclass(frozen=True, slots=True)
class ChurnRisk:
    """`probability` is 0..1, `score` is 100 times that with one decimal and is the exact sum of `contributions`."""

    probability: float
    score: Decimal
    level: ChurnLevel
    basis: Basis
    contributions: tuple[Contribution, ...]
    horizon_days: int
    model_version: str

    @property
    def shown_probability(self) -> Decimal:
        """With four decimals, as it is answered."""
        return Decimal(self.probability).quantize(Decimal("0.0001"))


def churn_risk(inputs: Inputs, parameters: ModelParameters = DEFAULT) -> ChurnRisk:
    """The risk of a customer. Someone who never bought has the reference value of a new customer, whatever else is
    known: a prior, not knowledge."""
    history, bought = inputs.history or NEW_CUSTOMER, inputs.history is not None
    engagement = engagement_effect(inputs.engagement.trend, parameters) if bought and inputs.engagement else 0.0
    support = support_effect(inputs.support_load, parameters) if bought else 0.0
    spend = spend_effect(inputs.spend_365, parameters) if bought else 0.0
    silent = log_odds(history, parameters) + spend
    path = (
        log_odds(NEW_CUSTOMER, parameters),
        log_odds(history.at_last_purchase(), parameters) + spend,
        silent,
        silent + engagement,
        silent + engagement + support,
    )
    contributions = _contributions(path)
    score = sum((step.points for step in contributions), Decimal(0))
    return ChurnRisk(
        probability=probability_from(path[-1]),
        score=score,
        level=_level(score, remaining_chance(history, parameters), support),
        basis="history" if bought else "prior",
        contributions=contributions,
        horizon_days=parameters.horizon_days,
        model_version=parameters.version,
    )


def survival_ratio(history: History, age: float, parameters: ModelParameters) -> float:
    """s(t) = ((alpha + tx) / (alpha + t)) ** (r + x), 0..1 for an `age` t >= tx: it may underflow, never overflow.

    The weight of "a customer still, who happened not to buy between tx and t" (Batislam et al. 2007).
    """
    return math.pow((parameters.alpha + history.span) / (parameters.alpha + age), parameters.r + history.repeats)


def departure_weight(history: History, parameters: ModelParameters) -> float:
    """g = a / (b + x), the weight of "left right after the last purchase" (Batislam et al. 2007)."""
    return parameters.a / (parameters.b + history.repeats)


def probability_of_no_purchase(history: History, parameters: ModelParameters = DEFAULT) -> float:
    """P0 = (s(T + H) + g) / (s(T) + g): no purchase in the next H days, 0..1, not yet corrected.

    Both weights share the likelihood's denominator (Batislam et al. 2007), so their sums before and after the
    horizon divide to a closed form. It grows with T, as s and the hazard 1 / (alpha + t) both fall.
    """
    left = departure_weight(history, parameters)
    later = survival_ratio(history, history.age + parameters.horizon_days, parameters)
    return (later + left) / (survival_ratio(history, history.age, parameters) + left)


def probability_alive(history: History, parameters: ModelParameters = DEFAULT) -> float:
    """s(T) / (s(T) + g), 0..1 (Batislam et al. 2007). For display: it forgives one-time buyers, so it ranks badly."""
    survived = survival_ratio(history, history.age, parameters)
    return survived / (survived + departure_weight(history, parameters))


def remaining_chance(history: History, parameters: ModelParameters = DEFAULT) -> float:
    """(1 - P0 now) / (1 - P0 at the last purchase): how much of their own chance to buy the silence has left, 0..1."""
    return min(1.0, _chance_to_buy(history, parameters) / _chance_to_buy(history.at_last_purchase(), parameters))


def model_log_odds(history: History, parameters: ModelParameters) -> float:
    """z = logit(P0) with P0 held within 0.005..0.995, not yet corrected."""
    probability = min(max(probability_of_no_purchase(history, parameters), LOWEST), HIGHEST)
    return math.log(probability / (1 - probability))


def log_odds(history: History, parameters: ModelParameters) -> float:
    """z + c0 + c1 z + c2 ln(1 + x): Platt scaling on z, and what the shop's frequent buyers do otherwise."""
    z = model_log_odds(history, parameters)
    return z + parameters.c0 + parameters.c1 * z + parameters.c2 * math.log1p(history.repeats)


def spend_effect(spend_365: Decimal | None, parameters: ModelParameters) -> float:
    """Log-odds c3 (share - 1/2): nothing for the median spender, and nothing where spend is not known."""
    share = spend_share(spend_365, parameters)
    return 0.0 if share is None else parameters.c3 * (share - 0.5)


def spend_share(spend_365: Decimal | None, parameters: ModelParameters) -> float | None:
    """spend / (spend + the shop's median), 0..1 and 1/2 for the median spender; None where either is not known."""
    median = parameters.median_spend
    if spend_365 is None or median is None or median <= 0:
        return None
    spend = max(spend_365, Decimal(0))  # refunds beyond the spend count as no spend
    return float(spend / (spend + median))


def engagement_effect(trend: float, parameters: ModelParameters = DEFAULT) -> float:
    """Log-odds -0.5..0.5, and nearer to 0 in a shop where it says less: a customer who opens and visits more than
    before is less at risk."""
    return parameters.engagement_strength * -0.5 * min(max(trend, -1.0), 1.0)


def support_effect(load: float | None, parameters: ModelParameters = DEFAULT) -> float:
    """Log-odds 0..1.2, and less in a shop where it says less: open, urgent and fresh tickets weigh, and each further
    one weighs less."""
    return 0.0 if load is None else parameters.support_strength * 1.2 * -math.expm1(-max(load, 0.0))


def _chance_to_buy(history: History, parameters: ModelParameters) -> float:
    """1 - P0 without the cancellation of `1 -`, which matters where P0 is almost 1."""
    survived = survival_ratio(history, history.age, parameters)
    later = survival_ratio(history, history.age + parameters.horizon_days, parameters)
    return (survived - later) / (survived + departure_weight(history, parameters))


def _contributions(path: Sequence[float]) -> tuple[Contribution, ...]:
    """Differences of the rounded path, so that they add up to its end exactly."""
    scores = [Decimal(0), *(one_decimal(100 * probability_from(step)) for step in path)]
    return tuple(Contribution(factor, to - start) for factor, (start, to) in zip(PATH, pairwise(scores), strict=True))


def _level(score: Decimal, chance_left: float, support: float) -> ChurnLevel:
    """From the score as shown, so that level and score cannot disagree on a page."""
    if score < MEDIUM_FROM:
        return "low"
    alarming = chance_left < QUIET_BELOW or support >= ALARMING_SUPPORT
    return "high" if score >= HIGH_FROM and alarming else "medium"


def probability_from(log_odds: float) -> float:
    """1 / (1 + exp(-z)), written so that no z can overflow."""
    return 0.5 * (1 + math.tanh(log_odds / 2))


def one_decimal(value: float | Decimal) -> Decimal:
    """Half-up to one decimal, as every score and point is shown."""
    return Decimal(value).quantize(Decimal("0.1"), ROUND_HALF_UP)
