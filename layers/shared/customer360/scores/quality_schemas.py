"""What `GET /api/admin/scoring/quality` answers."""

from typing import Literal

from pydantic import Field

from customer360.api.schema import Day, Number, Response, absent_if_none


class Model(Response):
    """The churn model in use. Its version was `fittedOn` the purchases of so many `customers` until the end of that
    day; both are null for the default one. `refitOn` is the day of the latest refit, null if there was none, and
    `refusal` says why that one was not to be used, if so: then an earlier version still is."""

    version: str
    fitted_on: Day | None
    customers: int | None
    refit_on: Day | None
    refusal: str | None = absent_if_none()


class Ranking(Response):
    """How well the order of the customers came true: areas under the ROC and the precision-recall curve, 1 at best."""

    auc: Number
    pr_auc: Number


class Marks(Response):
    """How well probabilities came true: as an order, and the Brier score and expected calibration error, 0 at best."""

    auc: Number
    pr_auc: Number
    brier: Number
    calibration_error: Number


class ReliabilityBin(Response):
    """The customers whose probability was `from` to `to`: the mean predicted, and the share of them that was silent;
    null where there was no such customer."""

    start: Number = Field(alias="from")
    end: Number = Field(alias="to")
    customers: int
    predicted: Number | None
    observed: Number | None


class Comparison(Response):
    """The same window, foretold otherwise: by the parameters that were in use when it began, by one risk for
    everybody (the share that was silent in the window before; null if there was none), and by days since the last
    purchase."""

    in_use_then: Marks
    constant: Marks | None
    recency: Ranking


class BackTest(Marks):
    """What the model, learned as of the end of `day`, said of the next `horizonDays`, and what happened: of so many
    `customers`, those `silent` bought nothing. `lift` says for each tenth of them, the highest risks first, how many
    times as often as on average that was so."""

    day: Day
    horizon_days: int
    customers: int
    silent: int
    lift: list[Number]
    reliability: list[ReliabilityBin]
    comparison: Comparison


class Enough(Response):
    """What it takes to judge by: customers who bought before the last `horizonDays`, and so many of them who bought
    in it and who did not."""

    customers: int
    of_each_outcome: int
    horizon_days: int


class ScoringQuality(Response):
    """How far the churn risks can be trusted. `backTest` is the latest there were enough customers for, else null."""

    status: Literal["measured", "not_enough_data"]
    model: Model
    enough: Enough
    back_test: BackTest | None
