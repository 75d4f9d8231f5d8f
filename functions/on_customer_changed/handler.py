"""The stream of the customers table: rescores whoever changed, and tells outside of the levels that did."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.scores.following import follow

logger = Logger()
metrics = Metrics()


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> None:
    followed = follow(event["Records"], datetime.now(UTC))
    changed = sum(one.changed for one in followed.rescored)
    metrics.add_metric("CustomersRescored", MetricUnit.Count, len(followed.rescored))
    metrics.add_metric("ScoreFailures", MetricUnit.Count, followed.set_aside)
    metrics.add_metric("NoticesTold", MetricUnit.Count, followed.told.count("told"))
    metrics.add_metric("NoticesUnconfirmed", MetricUnit.Count, followed.told.count("unconfirmed"))
    counts = {"records": len(event["Records"]), "changed": changed, "set_aside": followed.set_aside}
    logger.info("followed", extra=counts)
