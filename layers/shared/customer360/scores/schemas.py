"""What `GET …/scores` answers."""

from decimal import Decimal

from pydantic import Field

from customer360.api.schema import Day, Financial, Instant, Number, Response, Sections, absent_if_none
from customer360.scoring.churn import Basis, ChurnLevel
from customer360.scoring.health import HealthLevel


class HealthOnDay(Response):
    score: Number
    level: HealthLevel


class ChurnOnDay(Response):
    score: Number
    level: ChurnLevel
    probability: Number
    basis: Basis


class ScoresOnDay(Response):
    """The last scores of `date`, a day of the shop's time zone; in force until the next day that has some."""

    date: Day
    calculated_at: Instant
    model_version: str
    health_score: HealthOnDay
    churn_risk: ChurnOnDay


class FactorChange(Response):
    """By how many points the factor's part of the score changed; `sections` of the page show the records behind it."""

    factor: str
    points: Number
    sections: Sections


class ScoreChange(Response):
    """`contributions` and `modelPoints` add up to `difference` exactly. `modelPoints` is what the change of the model
    did; null if the earlier model is not known any more: then the contributions hold it."""

    before: Number
    after: Number
    difference: Number
    contributions: list[FactorChange]
    model_points: Number | None


class InputChange(Response):
    """A number the scores came from, and which of their `factors` it moves; null where it was, or is, not known."""

    name: str
    factors: list[str]
    before: Number | None
    after: Number | None


class SpendChange(Response):
    """What was spent in the last 365 days, in `currency`, the shop's; null where it was, or is, not known."""

    factors: list[str]
    currency: str
    before: Financial[Decimal | None]
    after: Financial[Decimal | None]


class ChangeOfScores(Response):
    """Why the scores of the day `to` are not those of the day `from`. `inputs` are those that changed."""

    start: Day = Field(alias="from")
    end: Day = Field(alias="to")
    health_score: ScoreChange
    churn_risk: ScoreChange
    inputs: list[InputChange]
    spend: Financial[SpendChange | None] = absent_if_none()


class ScoreHistory(Response):
    """Newest first. A day on which nothing changed is left out. `change` leads from the scores in force at the
    beginning of the range, or else the first in it, to those at its end; null if these are the same."""

    scores: list[ScoresOnDay]
    change: ChangeOfScores | None
    updated_at: Instant | None
