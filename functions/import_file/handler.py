"""SQS, fed by the import bucket: imports one file of source events, going on where an earlier run stopped."""

from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.aws import sqs
from customer360.exact_json import loads
from customer360.ingestion import imports
from customer360.ingestion.lines import SourceFile
from customer360.ingestion.table import TakenOver
from customer360.logs import figures, logger
from customer360.queues import QueueProcessor
from customer360.settings import import_queue_url

# Time for the slowest row and the report; what is not done by then goes on in another invocation.
RESERVE_MILLISECONDS = 60_000

processor = QueueProcessor()


def import_files(record: SQSRecord, lambda_context: LambdaContext) -> None:
    logger.set_correlation_id(record.message_id)

    def has_time() -> bool:
        return lambda_context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS

    for notification in loads(record.body).get("Records", []):  # the bucket's test notification has none
        uploaded = notification["s3"]["object"]
        key = unquote_plus(uploaded["key"])
        if key.endswith((imports.REPORT, "/")):
            continue
        file = SourceFile(notification["s3"]["bucket"]["name"], key, uploaded["eTag"])
        try:
            status = imports.run(file, uploaded["sequencer"], has_time)
        except TakenOver:
            logger.info("another worker has this import", extra={"etag": file.etag})
            continue
        if status == "failed":
            logger.warning("import failed", extra={"etag": file.etag} | figures({"ImportsFailed": (1, "Count")}))
            continue
        logger.info("imported" if status == "completed" else "to be continued", extra={"etag": file.etag})
        if status == "running":
            # A new message, so that a long import does not use up the deliveries that failures are allowed.
            sqs().send_message(QueueUrl=import_queue_url(), MessageBody=record.body)


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, import_files, processor, context)
