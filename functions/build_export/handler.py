"""SQS, fed by exports that were asked for: makes the file of one, or as much of it as there is time for."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.errors import NotFound
from customer360.exact_json import loads
from customer360.exports.building import Outcome, build
from customer360.exports.queue import announce
from customer360.exports.table import ExportItem
from customer360.instants import from_sortable
from customer360.logs import figures, logger
from customer360.queues import QueueProcessor

# What was to make an announced export has timed out long before.
GIVEN_UP_AFTER = timedelta(minutes=2)

processor = QueueProcessor()


def work(record: SQSRecord, lambda_context: LambdaContext) -> None:
    message = loads(record.body)
    export_id, announced_at = message["exportId"], from_sortable(message["announcedAt"])
    logger.set_correlation_id(export_id)
    try:
        item = ExportItem.find(export_id)
    except NotFound:
        if datetime.now(UTC) - announced_at < GIVEN_UP_AFTER:
            announce(export_id, announced_at)
        else:
            logger.info("there is no such export", extra=message)
        return
    outcome = build(item, lambda_context.get_remaining_time_in_millis)
    measured: dict[str, tuple[float, str]] = {}
    if outcome is Outcome.READY and item.finished_at:
        measured["ExportTime"] = ((item.finished_at - item.requested_at).total_seconds(), "Seconds")
    elif outcome in {Outcome.FAILED, Outcome.RETRIED}:
        measured["ExportsFailed" if outcome is Outcome.FAILED else "ExportsRetried"] = (1, "Count")
    told = {"outcome": outcome, "kind": item.kind, "format": item.format, "rows": item.rows, "size": item.size}
    logger.info("worked", extra=told | (figures(measured) if measured else {}))


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, work, processor, context)
