"""SQS, fed by the event bus: applies each source event to its customer, or keeps it with the reason it cannot be."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.aws import sqs
from customer360.errors import HeldRemaining
from customer360.exact_json import loads
from customer360.ingestion import rejections
from customer360.ingestion.events import Rejected
from customer360.ingestion.intake import metric_of, name_of, take_in_or_keep
from customer360.ingestion.rejections import Origin
from customer360.logs import logger
from customer360.queues import QueueProcessor
from customer360.settings import ingest_queue_url

MOST_SECONDS = 20
RESERVE_SECONDS = 15

metrics = Metrics()
processor = QueueProcessor()


def ingest_event(record: SQSRecord, lambda_context: LambdaContext) -> None:
    origin = Origin(record.message_id, datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC))
    try:
        envelope = loads(record.body)
        event_type, event = envelope["detail-type"], envelope["detail"]
        logger.set_correlation_id(str(envelope.get("id")))
    except (ValueError, KeyError, TypeError):
        rejection = Rejected("invalid", [{"field": "", "message": "is not an event of the bus"}])
        rejections.keep(None, record.body, rejection, origin)
        metrics.add_metric(metric_of(name_of(rejection)), MetricUnit.Count, 1)
        return
    # A busy customer is waited for, but never so long that the batch times out and good messages come again.
    seconds = max(1, min(MOST_SECONDS, lambda_context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS))
    try:
        outcome = take_in_or_keep(event_type, event, origin, seconds=seconds)
    except HeldRemaining:
        # A new message, so that much held does not use up the deliveries that failures are allowed.
        sqs().send_message(QueueUrl=ingest_queue_url(), MessageBody=record.body)
        return
    metrics.add_metric(metric_of(name_of(outcome)), MetricUnit.Count, 1)
    if isinstance(outcome, Rejected):
        logger.warning("rejected", extra={"message_id": record.message_id, "reason": outcome.reason})


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    response = process_partial_response(event, ingest_event, processor, context)
    failed = len(response["batchItemFailures"])
    metrics.add_metric("EventsFailed", MetricUnit.Count, failed)
    logger.info("ingested", extra={"events": len(event["Records"]), "failed": failed})
    return response
