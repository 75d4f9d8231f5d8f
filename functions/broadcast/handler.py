"""The stream of the customers table: tells live sessions what has changed of the customers they watch."""

import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.logs import logger
from customer360.realtime import broadcast

# Time to clean up behind the last post.
RESERVE_SECONDS = 10

metrics = Metrics()


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> None:
    seconds = context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    told = broadcast.tell(event["Records"], datetime.now(UTC), time.monotonic() + seconds)
    for latency in told.latencies:
        metrics.add_metric("LiveLatency", MetricUnit.Milliseconds, latency)
    metrics.add_metric("LiveMessages", MetricUnit.Count, told.delivered)
    metrics.add_metric("LiveGone", MetricUnit.Count, told.gone)
    metrics.add_metric("LiveDropped", MetricUnit.Count, told.dropped)
    counts = {name: count for name, count in asdict(told).items() if name != "latencies"}
    logger.info("told", extra={"records": len(event["Records"]), **counts})
