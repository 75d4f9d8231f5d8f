"""How good the churn risks are, as the latest refit measured it."""

from decimal import ROUND_HALF_UP, Decimal

from customer360.scores import models
from customer360.scores.quality_schemas import (
    BackTest,
    Comparison,
    Enough,
    Marks,
    Model,
    Ranking,
    ReliabilityBin,
    ScoringQuality,
)
from customer360.scores.table import RefitItem
from customer360.scoring import back_testing, correction, quality

TEN_THOUSANDTH, HUNDREDTH = Decimal("0.0001"), Decimal("0.01")


def of_shop() -> ScoringQuality:
    """As it is now: two reads at most."""
    refit = RefitItem.find()
    kept = refit and refit.back_test
    return ScoringQuality(
        status="measured" if kept else "not_enough_data",
        model=_model(refit),
        enough=Enough(
            customers=correction.FEWEST_CUSTOMERS,
            of_each_outcome=correction.FEWEST_OF_EACH_OUTCOME,
            horizon_days=models.in_use(refit).horizon_days,
        ),
        back_test=_back_test(back_testing.BackTest.from_json(kept)) if kept else None,
    )


def _model(refit: RefitItem | None) -> Model:
    fitted = models.find(refit.version) if refit and refit.version else None
    return Model(
        version=models.in_use(refit).version,
        fitted_on=fitted and fitted.fitted_on,
        customers=fitted and fitted.customers,
        refit_on=refit and refit.refit_on,
        refusal=refit and refit.refusal,
    )


def _back_test(test: back_testing.BackTest) -> BackTest:
    return BackTest(
        day=test.day,
        horizon_days=test.horizon_days,
        customers=test.customers,
        silent=test.silent,
        **dict(_marks(test.model)),
        lift=[_rounded(lift, HUNDREDTH) for lift in test.lift],
        reliability=[_bin(part) for part in test.reliability],
        comparison=Comparison(
            in_use_then=_marks(test.in_use),
            constant=test.constant and _marks(test.constant),
            recency=Ranking(auc=_rounded(test.recency.auc), pr_auc=_rounded(test.recency.precision_recall_auc)),
        ),
    )


def _marks(marks: back_testing.Marks) -> Marks:
    return Marks(
        auc=_rounded(marks.auc),
        pr_auc=_rounded(marks.precision_recall_auc),
        brier=_rounded(marks.brier),
        calibration_error=_rounded(marks.calibration_error),
    )


def _bin(part: quality.Bin) -> ReliabilityBin:
    return ReliabilityBin(
        start=_rounded(part.low, HUNDREDTH),
        end=_rounded(part.high, HUNDREDTH),
        customers=part.cases,
        predicted=_rounded(part.predicted) if part.cases else None,
        observed=_rounded(part.happened) if part.cases else None,
    )


def _rounded(value: float, to: Decimal = TEN_THOUSANDTH) -> Decimal:
    return Decimal(value).quantize(to, ROUND_HALF_UP)
