"""SQS, fed by bulk assignments: gives a tag or segment to the customers of one, or takes it from them."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.bulk.parts import find
from customer360.bulk.queue import DELAY_SECONDS, announce
from customer360.bulk.walking import work_on
from customer360.exact_json import loads
from customer360.logs import logger
from customer360.queues import QueueProcessor, once_made

# Time for a page of a search and some busy customers; what is not done by then goes on in another invocation.
RESERVE_MILLISECONDS = 60_000

processor = QueueProcessor()


def work(record: SQSRecord, lambda_context: LambdaContext) -> None:
    message = loads(record.body)
    job_id = message["jobId"]
    logger.set_correlation_id(job_id)
    job = once_made(partial(find, job_id), message["announcedAt"], partial(announce, job_id, DELAY_SECONDS))
    if job is None:
        return

    def has_time() -> bool:
        return lambda_context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS

    pause = work_on(job, has_time)
    if pause is not None:
        announce(job.id, pause)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, work, processor, context)
