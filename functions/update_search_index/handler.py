"""SQS, fed by what failed: brings the search up to date with customers it could not be kept up to date with."""

import time
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.exact_json import loads
from customer360.logs import logger
from customer360.queues import QueueProcessor
from customer360.search.following import follow_again

# Of the function's time, so that what is under way can end, and what is left be set aside.
RESERVE_SECONDS = 20

processor = QueueProcessor()


def work(record: SQSRecord, lambda_context: LambdaContext) -> None:
    deadline = time.monotonic() + lambda_context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS
    followed = follow_again(loads(record.body), datetime.now(UTC), deadline)
    logger.info("followed again", extra=followed._asdict())


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, work, processor, context)
