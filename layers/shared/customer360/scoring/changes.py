"""Why a customer's scores are not what they were: what each factor did under the earlier model, and what the change of
the model did by itself. In points with one decimal, and exact."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple, TypeVar

from customer360.scoring.assessment import Assessment, assess
from customer360.scoring.churn import ChurnFactor, ChurnRisk
from customer360.scoring.evidence import SECTIONS
from customer360.scoring.health import HealthFactor, HealthScore
from customer360.scoring.inputs import Inputs
from customer360.scoring.parameters import ModelParameters

Score = TypeVar("Score", HealthScore, ChurnRisk)

SHOWN_STEP = Decimal("0.001")  # of an input: a smaller change of one moves a score by less than its own rounding

# The factors of either score that each number is an input of.
INPUT_FACTORS: dict[str, tuple[HealthFactor | ChurnFactor, ...]] = {
    "purchaseDays": ("purchase", "recency", "purchase_history", "silence"),
    "daysFromFirstToLastPurchase": ("purchase", "recency", "purchase_history", "silence"),
    "daysSinceLastPurchase": ("recency", "silence"),
    "engagementActivity": ("engagement",),
    "engagementTrend": ("engagement",),
    "supportLoad": ("support",),
}
SPEND_FACTORS: tuple[HealthFactor | ChurnFactor, ...] = ("purchase", "purchase_history", "silence")


class FactorChange(NamedTuple):
    """By how many points the factor's part of the score has changed. A part depends on the others, too: the steps of
    the churn risk on where the path stands, the weights of health on which sources are connected."""

    factor: HealthFactor | ChurnFactor
    points: Decimal

    @property
    def sections(self) -> tuple[str, ...]:
        return SECTIONS[self.factor]


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """`contributions` and `model_points` add up to the difference exactly.

    `model_points` is what the change of the model did: 0 if the model is the same, and None where the earlier one is
    not known any more; then the contributions hold it.
    """

    before: Decimal
    after: Decimal
    contributions: tuple[FactorChange, ...]
    model_points: Decimal | None

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


class InputChange(NamedTuple):
    """A number that changed, with up to three decimals; None where it was, or is, not known."""

    name: str
    factors: tuple[HealthFactor | ChurnFactor, ...]
    before: Decimal | None
    after: Decimal | None


class SpendChange(NamedTuple):
    """The last 365 days' spend in the shop's currency, None where it was, or is, not known."""

    factors: tuple[HealthFactor | ChurnFactor, ...]
    before: Decimal | None
    after: Decimal | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`inputs` holds those that changed; `spend` is apart, as not everybody may see money, and None if it did not."""

    health: ScoreChange
    churn: ScoreChange
    inputs: tuple[InputChange, ...]
    spend: SpendChange | None


def explained(earlier: Assessment, later: Assessment, earlier_model: ModelParameters | None) -> Explanation:
    """What led from one assessment to the other. `earlier_model` is the one `earlier` names, None if it is not known
    any more; it does not matter if both name the same."""
    kept_model = _under_earlier_model(earlier, later, earlier_model)
    spends = (earlier.inputs.spend_365, later.inputs.spend_365)
    return Explanation(
        health=_change(earlier.health, kept_model.health if kept_model else None, later.health),
        churn=_change(earlier.churn, kept_model.churn if kept_model else None, later.churn),
        inputs=tuple(_input_changes(earlier.inputs, later.inputs)),
        spend=None if spends[0] == spends[1] else SpendChange(SPEND_FACTORS, *spends),
    )


def _under_earlier_model(
    earlier: Assessment, later: Assessment, earlier_model: ModelParameters | None
) -> Assessment | None:
    """What the later inputs come to under the earlier model; None if it is not known."""
    if later.model_version == earlier.model_version:
        return later
    return assess(later.inputs, later.at, earlier_model) if earlier_model else None


def _change(earlier: Score, kept_model: Score | None, later: Score) -> ScoreChange:
    """`kept_model` is what the later score would be had the model not changed."""
    steps = zip(earlier.contributions, (kept_model or later).contributions, strict=True)
    return ScoreChange(
        before=earlier.score,
        after=later.score,
        contributions=tuple(FactorChange(start.factor, end.points - start.points) for start, end in steps),
        model_points=later.score - kept_model.score if kept_model else None,
    )


def _input_changes(earlier: Inputs, later: Inputs) -> Iterator[InputChange]:
    befores, afters = _numbers(earlier), _numbers(later)
    for name, factors in INPUT_FACTORS.items():
        if befores[name] != afters[name]:
            yield InputChange(name, factors, befores[name], afters[name])


def _numbers(inputs: Inputs) -> dict[str, Decimal | None]:
    """Every input but the spend, as it is shown."""
    history, engagement = inputs.history, inputs.engagement
    no_purchases = 0 if inputs.orders_connected else None
    return {
        "purchaseDays": _shown(history.repeats + 1 if history else no_purchases),
        "daysFromFirstToLastPurchase": _shown(history.span if history else None),
        "daysSinceLastPurchase": _shown(history.age - history.span if history else None),
        "engagementActivity": _shown(engagement.activity if engagement else None),
        "engagementTrend": _shown(engagement.trend if engagement else None),
        "supportLoad": _shown(inputs.support_load),
    }


def _shown(value: float | None) -> Decimal | None:
    if value is None:
        return None
    return Decimal(value) if isinstance(value, int) else Decimal(value).quantize(SHOWN_STEP, ROUND_HALF_UP)
