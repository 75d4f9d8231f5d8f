"""Schedule RefitSchedule: learns the shop's churn model afresh every night, and tests it on the last horizon."""

import time
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.logs import logger
from customer360.scores.refitting import Refit, refit

# Time for learning from what was read by then, and for testing it, on a slow day.
RESERVE_MILLISECONDS = 180_000

metrics = Metrics()


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(_: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    def has_time() -> bool:
        return context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS

    started = time.monotonic()
    done = refit(datetime.now(UTC), has_time)
    seconds = round(time.monotonic() - started, 1)
    outcome = {"seconds": seconds, **_told(done)} if done else {"seconds": seconds, "stored": False}
    metrics.add_metric("ModelFitSeconds", MetricUnit.Seconds, seconds)
    if done:
        _measure(done)
    logger.info("refitted" if done else "this day has its model already", extra=outcome)
    return outcome


def _told(done: Refit) -> dict[str, Any]:
    return {
        "day": done.day.isoformat(),
        "customers": done.sample.customers,
        "buyers": len(done.sample.buyers),
        "complete": done.sample.is_complete,
        "version": done.learned.parameters.version,
        "refusal": done.learned.refusal,
        "stored": done.is_stored,
    }


def _measure(done: Refit) -> None:
    metrics.add_metric("ModelFitBuyers", MetricUnit.Count, len(done.sample.buyers))
    metrics.add_metric("ModelRefused", MetricUnit.Count, int(done.learned.refusal is not None))
    if done.back_test:
        marks = done.back_test.model
        metrics.add_metric("BackTestAuc", MetricUnit.NoUnit, marks.auc)
        metrics.add_metric("BackTestBrier", MetricUnit.NoUnit, marks.brier)
        metrics.add_metric("BackTestCalibrationError", MetricUnit.NoUnit, marks.calibration_error)
