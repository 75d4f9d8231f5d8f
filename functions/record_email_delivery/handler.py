"""SQS, fed by what the mail service tells: keeps what became of e-mails to customers."""

from typing import Any

from aws_lambda_powertools.utilities.batch import process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.actions import delivery
from customer360.exact_json import loads
from customer360.logs import logger
from customer360.queues import QueueProcessor

processor = QueueProcessor()


def work(record: SQSRecord) -> None:
    is_news = delivery.record(loads(record.body))
    logger.info("told of an e-mail", extra={"is_news": is_news})


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event, work, processor, context)
