"""The stream of the customers table: rescores whoever changed, tells outside of it, and keeps the search up to date."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.logs import logger
from customer360.scores.following import follow
from customer360.search import following as search

metrics = Metrics()


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> None:
    try:
        followed = follow(event["Records"], datetime.now(UTC))
    finally:  # the search does not depend on the scores, but shows those that were just worked out
        found = search.follow(event["Records"], datetime.now(UTC))
        metrics.add_metric("CustomersProjected", MetricUnit.Count, found.changed)
        metrics.add_metric("ProjectionFailures", MetricUnit.Count, found.set_aside)
    changed = sum(one.changed for one in followed.rescored)
    metrics.add_metric("CustomersRescored", MetricUnit.Count, len(followed.rescored))
    metrics.add_metric("ScoreFailures", MetricUnit.Count, followed.set_aside)
    metrics.add_metric("NoticesTold", MetricUnit.Count, followed.told.count("told"))
    metrics.add_metric("NoticesUnconfirmed", MetricUnit.Count, followed.told.count("unconfirmed"))
    counts = {"records": len(event["Records"]), "changed": changed, "set_aside": followed.set_aside}
    logger.info("followed", extra=counts | {"projected": found.changed})
