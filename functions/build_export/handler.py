"""SQS, fed by exports that were asked for: makes the file of one, or as much of it as there is time for."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.exact_json import loads
from customer360.exports.building import Outcome, build
from customer360.exports.queue import announce
from customer360.exports.table import ExportItem
from customer360.logs import figures, logger
from customer360.queues import QueueProcessor, once_made

processor = QueueProcessor()


def work(record: SQSRecord, lambda_context: LambdaContext) -> None:
    message = loads(record.body)
    export_id = message["exportId"]
    logger.set_correlation_id(export_id)
    item = once_made(partial(ExportItem.find, export_id), message["announcedAt"], partial(announce, export_id))
    if item is None:
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
