"""SQS, fed by erasures: erases a customer place by place, and looks again until nothing is found."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.exact_json import loads
from customer360.instants import from_sortable
from customer360.logs import logger
from customer360.privacy.erasure import go_on
from customer360.privacy.erasure_queue import DELAY_SECONDS, announce
from customer360.privacy.table import ErasureItem
from customer360.queues import QueueProcessor, once_made

# Time for a slow page; what is not done by then goes on in another invocation.
RESERVE_MILLISECONDS = 30_000
# Seconds until it is tried again after the first failure, the second and so on. Then the message fails: an alarm goes
# off, and the queue brings it again each time nobody can be at it any more, before it gives up.
PAUSES = (5, 30, 120, 600)

metrics = Metrics()
processor = QueueProcessor()


def work(record: SQSRecord, lambda_context: LambdaContext) -> None:
    part = loads(record.body)
    logger.set_correlation_id(part["jobId"])
    announced_at = from_sortable(part["announcedAt"])
    job_id = part["jobId"]
    job = once_made(partial(ErasureItem.find, job_id), part["announcedAt"], partial(announce, job_id, DELAY_SECONDS))
    if job is None:
        return

    def has_time() -> bool:
        return lambda_context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS

    try:
        seconds = go_on(job, has_time, datetime.now(UTC))
    except Exception:
        failures = part.get("failures", 0)
        if failures >= len(PAUSES):
            raise
        logger.exception("erasure work failed", extra={"failures": failures + 1})
        announce(job.id, PAUSES[failures], announced_at, failures + 1)
        return
    if seconds is not None:
        announce(job.id, seconds, announced_at)
    metrics.add_metric("ErasuresVerified", MetricUnit.Count, int(job.verified_at is not None))
    logger.info("worked", extra={"look": job.look, "position": job.position, "goesOnIn": seconds})


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    response = process_partial_response(event, work, processor, context)
    metrics.add_metric("ErasureWorkFailed", MetricUnit.Count, len(response["batchItemFailures"]))
    return response
