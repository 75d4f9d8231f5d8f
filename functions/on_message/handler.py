"""WebSocket $default: answers what a live session's client says: subscribe, unsubscribe, ping."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.logs import logger
from customer360.realtime import conversation


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, int]:
    connection_id = event["requestContext"]["connectionId"]
    answered = conversation.answer(connection_id, event.get("body") or "")
    logger.info("answered", extra={"connection_id": connection_id, "answered": answered})
    return {"statusCode": HTTPStatus.OK.value}
