"""Works through a batch of queue messages: each on its own, a failed one reported so that only it comes again."""

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, ExceptionInfo, FailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from customer360.logs import logger


class QueueProcessor(BatchProcessor):
    """Powertools' processor, which also logs why a message failed; never its content."""

    def __init__(self) -> None:
        super().__init__(event_type=EventType.SQS, raise_on_entire_batch_failure=False)

    def failure_handler(self, record: SQSRecord, exception: ExceptionInfo) -> FailureResponse:
        logger.error("message failed", exc_info=exception[1], extra={"message_id": record.message_id})
        return super().failure_handler(record, exception)
