"""How well the model would have foretold the last horizon, had it been learned before it; and whether to trust it.

Nobody is judged by what they were learned from: the model is learned again as of the day the horizon began, and is held
against the parameters that were in use on that day, the share of silent customers until then, and mere recency.
"""

import json
import math
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import fmean, stdev
from typing import NamedTuple, Self

from customer360.scoring import correction
from customer360.scoring.learning import Buyer, known_buyers, learn, risks
from customer360.scoring.parameters import DEFAULT, ModelParameters
from customer360.scoring.quality import (
    Bin,
    auc,
    brier,
    calibration_error,
    decile_lift,
    precision_recall_auc,
    reliability,
)

TOLERANCE = 0.005  # of the Brier score; the model is some 0.005 to 0.05 better than a constant
STANDARD_ERRORS = 2


class Ranking(NamedTuple):
    """How well an order of the customers came true: see `scoring.quality`."""

    auc: float
    precision_recall_auc: float


class Marks(NamedTuple):
    """How well probabilities came true: see `scoring.quality`."""

    auc: float
    precision_recall_auc: float
    brier: float
    calibration_error: float


class BackTest(NamedTuple):
    """What the model said at the end of `day` of the next `horizon_days`; `silent` of the customers bought nothing.

    `lift` is by tenths and `reliability` by equal bins. Beside the model's marks are those of what was `in_use` then,
    of a `constant` risk (the share that was silent in the horizon before; None if there was nobody yet) and of
    `recency` (days since the last purchase). `refusal` says why the model is not to be used, None if it may.
    """

    day: date
    horizon_days: int
    customers: int
    silent: int
    model: Marks
    lift: list[float]
    reliability: list[Bin]
    in_use: Marks
    constant: Marks | None
    recency: Ranking
    refusal: str | None

    def to_json(self) -> str:
        return json.dumps(self._asdict() | {"day": self.day.isoformat()}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """An equal one of what `to_json` wrote."""
        kept = json.loads(text)
        kept |= {name: kept[name] and Marks(*kept[name]) for name in ("model", "in_use", "constant")}
        kept |= {"recency": Ranking(*kept["recency"]), "reliability": [Bin(*part) for part in kept["reliability"]]}
        return cls(**kept | {"day": date.fromisoformat(kept["day"])})


def back_test(buyers: Sequence[Buyer], day: date, *, in_use_then: ModelParameters = DEFAULT) -> BackTest | None:
    """Of the horizon that ends with `day`. `in_use_then` must know nothing of it.

    None where that is not enough to judge by: under 200 customers, or under 20 of either outcome.
    """
    horizon = in_use_then.horizon_days
    then = day - timedelta(days=horizon)
    known = known_buyers(buyers, then)
    silent = _silent(known, then, horizon)
    if not correction.enough(silent):
        return None
    predicted = risks(known, then, learn(known, then, in_use=in_use_then).parameters)
    predicted_in_use = risks(known, then, in_use_then)
    return BackTest(
        day=then,
        horizon_days=horizon,
        customers=len(silent),
        silent=sum(silent),
        model=_marks(silent, predicted),
        lift=decile_lift(silent, predicted),
        reliability=reliability(silent, predicted),
        in_use=_marks(silent, predicted_in_use),
        constant=_marks_of_constant(silent, known, then, horizon),
        recency=_ranking_by_recency(silent, known, then),
        refusal=_refusal(silent, predicted, predicted_in_use),
    )


def _silent(known: Sequence[Buyer], then: date, horizon: int) -> list[bool]:
    return [not buyer.buys_within(then.toordinal(), horizon) for buyer in known]


def _marks(silent: Sequence[bool], predicted: Sequence[float]) -> Marks:
    return Marks(
        auc=auc(silent, predicted),
        precision_recall_auc=precision_recall_auc(silent, predicted),
        brier=brier(silent, predicted),
        calibration_error=calibration_error(reliability(silent, predicted)),
    )


def _marks_of_constant(silent: Sequence[bool], known: Sequence[Buyer], then: date, horizon: int) -> Marks | None:
    before = then - timedelta(days=horizon)
    silent_before = _silent(known_buyers(known, before), before, horizon)
    return _marks(silent, [fmean(silent_before)] * len(silent)) if silent_before else None


def _ranking_by_recency(silent: Sequence[bool], known: Sequence[Buyer], then: date) -> Ranking:
    histories = [buyer.history(then.toordinal()) for buyer in known]
    silences = [float(history.age - history.span) for history in histories]
    return Ranking(auc(silent, silences), precision_recall_auc(silent, silences))


def _refusal(silent: Sequence[bool], predicted: Sequence[float], in_use: Sequence[float]) -> str | None:
    """Customer by customer, as both judge the same ones: far more certain than the difference of two means."""
    pairs = zip(silent, predicted, in_use, strict=True)
    excess = [(p - outcome) ** 2 - (q - outcome) ** 2 for outcome, p, q in pairs]
    mean = fmean(excess)
    if mean <= max(TOLERANCE, STANDARD_ERRORS * stdev(excess) / math.sqrt(len(excess))):
        return None
    return f"its back-test has a Brier score {mean:.4f} above that of the parameters in use"
