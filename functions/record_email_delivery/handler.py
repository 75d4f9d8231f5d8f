"""SQS, fed by what the mail service tells: keeps what became of e-mails to customers."""

import time
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.actions import delivery
from customer360.exact_json import loads
from customer360.logs import logger
from customer360.queues import QueueProcessor

MOST_SECONDS = 20
RESERVE_SECONDS = 15

processor = QueueProcessor()


def work(record: SQSRecord, lambda_context: LambdaContext) -> None:
    event = _event_in(record.body)
    if event is None:
        logger.warning("not an event", extra={"message_id": record.message_id})
        return
    # A busy customer is waited for, but never so long that the batch times out and good messages come again.
    seconds = max(1, min(MOST_SECONDS, lambda_context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS))
    is_news = delivery.record(event, time.monotonic() + seconds)
    logger.info("told of an e-mail", extra={"is_news": is_news})


def _event_in(body: str) -> dict[str, Any] | None:
    """None for other text: the mail service greets its topic with a sentence, which is no JSON."""
    try:
        event = loads(body)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, work, processor, context)
