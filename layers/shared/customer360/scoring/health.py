"""Health: how good the relationship with a customer is now, 0..100, as a weighted mean of four factors of 0..100."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from customer360.scoring.churn import Basis, one_decimal, remaining_chance, spend_share, survival_ratio
from customer360.scoring.evidence import SECTIONS
from customer360.scoring.inputs import Engagement, History, Inputs
from customer360.scoring.parameters import DEFAULT, ModelParameters

HealthLevel = Literal["excellent", "good", "fair", "poor"]
HealthFactor = Literal["purchase", "recency", "engagement", "support"]

WEIGHTS: dict[HealthFactor, Decimal] = {
    "purchase": Decimal("0.35"),
    "recency": Decimal("0.30"),
    "engagement": Decimal("0.20"),
    "support": Decimal("0.15"),
}
LEVELS: tuple[tuple[Decimal, HealthLevel], ...] = (
    (Decimal(80), "excellent"),
    (Decimal(60), "good"),
    (Decimal(40), "fair"),
)
UNKNOWN = Decimal(50)  # the value shown, with no weight, for a source that is not connected
BEST = Decimal(100)


class HealthContribution(NamedTuple):
    """One factor's part of the score: `weight` 0..1 (4 decimals), `value` 0..100 and `points` with one decimal."""

    factor: HealthFactor
    weight: Decimal
    value: Decimal
    points: Decimal

    @property
    def sections(self) -> tuple[str, ...]:
        return SECTIONS[self.factor]


@dataclass(frozen=True, slots=True)
class HealthScore:
    """`score` is 0..100 with one decimal and is the exact sum of the contributions' points."""

    score: Decimal
    level: HealthLevel
    basis: Basis
    contributions: tuple[HealthContribution, ...]
    model_version: str

    @property
    def factors(self) -> dict[HealthFactor, Decimal]:
        """The four values of 0..100, always all of them."""
        return {part.factor: part.value for part in self.contributions}


def health_score(inputs: Inputs, parameters: ModelParameters = DEFAULT) -> HealthScore:
    """The health of a customer. A source that is not connected has no weight, and the others share it; without the
    spend, or without the shop's median, only purchase frequency counts."""
    contributions = _contributions(
        {
            **_purchase_values(inputs, parameters),
            "engagement": None if inputs.engagement is None else engagement_value(inputs.engagement),
            "support": None if inputs.support_load is None else support_value(inputs.support_load),
        }
    )
    score = sum((part.points for part in contributions), Decimal("0.0"))
    return HealthScore(
        score=score,
        level=level_of(score),
        basis="history" if inputs.history else "prior",
        contributions=contributions,
        model_version=parameters.version,
    )


def recency_value(history: History, parameters: ModelParameters = DEFAULT) -> float:
    """100 times the part of their own chance to buy that the silence has left, 0..100: falls while they are silent."""
    return 100 * remaining_chance(history, parameters)


def purchase_value(history: History, spend_365: Decimal | None, parameters: ModelParameters = DEFAULT) -> float:
    """100 q, or 100 (0.6 q + 0.4 spend / (spend + median)), 0..100.

    q = 1 - ((alpha + tx) / (alpha + tx + H)) ** (r + x): the chance that a customer still buying at that rate buys
    within the horizon (gamma-Poisson, Fader, Hardie & Lee 2005).
    """
    frequency = 1 - survival_ratio(history, history.span + parameters.horizon_days, parameters)
    share = spend_share(spend_365, parameters)
    return 100 * (frequency if share is None else 0.6 * frequency + 0.4 * share)


def engagement_value(engagement: Engagement) -> float:
    """100 (0.5 (1 - exp(-activity / 3)) + 0.25 (1 + trend)), 0..100: half how much, half whether it grows."""
    trend = min(max(engagement.trend, -1.0), 1.0)
    return 100 * (0.5 * -math.expm1(-max(engagement.activity, 0.0) / 3) + 0.25 * (1 + trend))


def support_value(load: float) -> float:
    """100 exp(-load), 0..100: 100 for a customer without a ticket that still weighs."""
    return 100 * math.exp(-max(load, 0.0))


def _purchase_values(inputs: Inputs, parameters: ModelParameters) -> dict[HealthFactor, float | None]:
    if inputs.history:
        return {
            "purchase": purchase_value(inputs.history, inputs.spend_365, parameters),
            "recency": recency_value(inputs.history, parameters),
        }
    # Who never bought in a shop that sells has no purchase relationship yet: 0 and 0, with their usual weight. The
    # prior (69 and 100) would rank them above real but lapsed buyers, and dropping the weights would let a first
    # purchase lower the score; a purchase may only raise it.
    nothing = 0.0 if inputs.orders_connected else None
    return {"purchase": nothing, "recency": nothing}


def _contributions(values: Mapping[HealthFactor, float | None]) -> tuple[HealthContribution, ...]:
    connected = sum((WEIGHTS[factor] for factor, value in values.items() if value is not None), Decimal(0))
    parts = [_part(factor, value, connected) for factor, value in values.items()]
    # Three weighted parts of a perfect customer can round to 100.1 together: the largest gives the excess back.
    excess = max(sum((part.points for part in parts), -BEST), Decimal("0.0"))
    largest = max(parts, key=lambda part: part.points)
    return tuple(part._replace(points=part.points - excess) if part is largest else part for part in parts)


def _part(factor: HealthFactor, value: float | None, connected: Decimal) -> HealthContribution:
    if value is None:
        return HealthContribution(factor, Decimal("0.0000"), one_decimal(UNKNOWN), Decimal("0.0"))
    weight = WEIGHTS[factor] / connected
    points = one_decimal(Decimal(value) * WEIGHTS[factor] / connected)
    return HealthContribution(factor, weight.quantize(Decimal("0.0001"), ROUND_HALF_UP), one_decimal(value), points)


def level_of(score: Decimal) -> HealthLevel:
    """From the score as shown."""
    return next((level for at_least, level in LEVELS if score >= at_least), "poor")
