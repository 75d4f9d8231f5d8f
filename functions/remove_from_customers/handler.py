"""SQS, fed by the deletion of tags and segments: takes a deleted one from its customers, one shard a message."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.catalog.removal import remove_from_customers
from customer360.catalog.removal_queue import go_on
from customer360.exact_json import loads
from customer360.jobs import service as jobs
from customer360.logs import logger
from customer360.queues import QueueProcessor, once_made

# Time for the slowest customer; what is not done by then goes on in another invocation.
RESERVE_MILLISECONDS = 30_000

processor = QueueProcessor()


def work(record: SQSRecord, lambda_context: LambdaContext) -> None:
    part = loads(record.body)
    logger.set_correlation_id(part["jobId"])
    job = once_made(partial(jobs.find, part["jobId"]), part["announcedAt"], lambda _: go_on(part))
    if job is None:
        return

    def has_time() -> bool:
        return lambda_context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS

    done = remove_from_customers(job, part["shard"], has_time)
    logger.info("removed" if done else "to be continued", extra=part)
    if not done:
        go_on(part)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, work, processor, context)
