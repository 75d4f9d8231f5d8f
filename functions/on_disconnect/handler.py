"""WebSocket $disconnect: forgets a live session and what it watched."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.logs import logger
from customer360.realtime import sessions


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, int]:
    connection_id = event["requestContext"]["connectionId"]
    sessions.end(connection_id)
    logger.info("forgotten", extra={"connection_id": connection_id})
    return {"statusCode": HTTPStatus.OK.value}
