"""The stream of the customers table: rescores whoever changed, tells outside of it, and keeps the search up to date."""

import time
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.logs import logger
from customer360.scores.following import follow
from customer360.search import following as search

# Of the function's time, by when the scores leave off, so that the search has its share, and by when the search does,
# so that what is under way can end.
SEARCH_SECONDS = 60
RESERVE_SECONDS = 20

metrics = Metrics()


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    end = time.monotonic() + context.get_remaining_time_in_millis() / 1000
    try:
        followed = follow(event["Records"], datetime.now(UTC), end - SEARCH_SECONDS)
    finally:  # the search does not depend on the scores, but shows those that were just worked out
        found = search.follow(event["Records"], datetime.now(UTC), end - RESERVE_SECONDS)
        metrics.add_metric("CustomersProjected", MetricUnit.Count, found.changed)
        metrics.add_metric("ProjectionFailures", MetricUnit.Count, found.set_aside)
    changed = sum(one.changed for one in followed.rescored)
    metrics.add_metric("CustomersRescored", MetricUnit.Count, len(followed.rescored))
    metrics.add_metric("ScoreFailures", MetricUnit.Count, followed.set_aside)
    metrics.add_metric("NoticesTold", MetricUnit.Count, followed.told.count("told"))
    metrics.add_metric("NoticesUnconfirmed", MetricUnit.Count, followed.told.count("unconfirmed"))
    counts = {"records": len(event["Records"]), "changed": changed, "set_aside": followed.set_aside}
    logger.info("followed", extra=counts | {"projected": found.changed})
