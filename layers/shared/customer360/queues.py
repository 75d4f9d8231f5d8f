"""Works through a batch of queue messages: each on its own, a failed one reported so that only it comes again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, ExceptionInfo, FailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from customer360.errors import NotFound
from customer360.instants import from_sortable
from customer360.logs import logger

Made = TypeVar("Made")

# Whatever was to make what it had announced has timed out long before.
GIVEN_UP_AFTER = timedelta(minutes=2)


class QueueProcessor(BatchProcessor):
    """Powertools' processor, which also logs why a message failed; never its content."""

    def __init__(self) -> None:
        super().__init__(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    def failure_handler(self, record: SQSRecord, exception: ExceptionInfo) -> FailureResponse:
        logger.error("message failed", exc_info=exception[1], extra={"message_id": record.message_id})
        return super().failure_handler(record, exception)


def once_made(find: Callable[[], Made], announced_at: str, announce_again: Callable[[datetime], object]) -> Made | None:
    """What a message announces before it is made, so that none of it is left without a worker. None if it is not there:
    it is announced again then, or dropped once it never will be made."""
    try:
        return find()
    except NotFound:
        at = from_sortable(announced_at)
        if datetime.now(UTC) - at < GIVEN_UP_AFTER:
            announce_again(at)
        else:
            logger.info("what was announced was never made")
        return None
