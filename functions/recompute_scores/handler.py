"""SQS, fed by schedules, segments and failures: plans a job over all customers, works on a shard, or on one of them."""

import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.exact_json import loads
from customer360.jobs import service as jobs
from customer360.jobs import work
from customer360.logs import logger
from customer360.queues import QueueProcessor, once_made
from customer360.scores import recompute
from customer360.scores.following import follow_again

# Time for a page of slow customers; what is not done by then goes on in another invocation.
RESERVE_MILLISECONDS = 60_000

metrics = Metrics()
processor = QueueProcessor()


def do(record: SQSRecord, lambda_context: LambdaContext) -> None:
    part = loads(record.body)
    if "records" in part:
        seconds = (lambda_context.get_remaining_time_in_millis() - RESERVE_MILLISECONDS) / 1000
        again = follow_again(part, datetime.now(UTC), time.monotonic() + seconds)
        metrics.add_metric("CustomersRescored", MetricUnit.Count, len(again.rescored))
        metrics.add_metric("ScoreFailures", MetricUnit.Count, again.set_aside)
        metrics.add_metric("NoticesUnconfirmed", MetricUnit.Count, again.told.count("unconfirmed"))
        return
    logger.set_correlation_id(part["jobId"])
    job = once_made(partial(jobs.find, part["jobId"]), part.get("announcedAt"), partial(work.announce, part["jobId"]))
    if job is None:
        return

    def has_time() -> bool:
        return lambda_context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS

    if "shard" not in part:
        recompute.plan(job)
        return
    worked = recompute.work_on(job, part["shard"], has_time)
    metrics.add_metric("CustomersRescored", MetricUnit.Count, worked.customers)
    metrics.add_metric("ScoreFailures", MetricUnit.Count, worked.failed)
    if worked.has_more:
        work.hand_out(job.id, part["shard"])
    logger.info("worked", extra=part | worked._asdict())


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    response = process_partial_response(event, do, processor, context)
    metrics.add_metric("ScoreWorkFailed", MetricUnit.Count, len(response["batchItemFailures"]))
    return response
