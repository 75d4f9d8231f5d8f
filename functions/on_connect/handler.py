"""WebSocket $connect: opens a live session for who brings a good ticket, and uses the ticket up."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.errors import Unauthenticated
from customer360.logs import logger
from customer360.realtime import sessions


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> dict[str, int]:
    ticket = (event.get("queryStringParameters") or {}).get("ticket", "")
    connection_id = event["requestContext"]["connectionId"]
    status = HTTPStatus.OK
    try:
        sessions.begin(ticket, connection_id, datetime.now(UTC))
    except Unauthenticated:
        status = HTTPStatus.UNAUTHORIZED
    except Exception:
        logger.exception("unexpected")
        status = HTTPStatus.INTERNAL_SERVER_ERROR
    logger.info("answered", extra={"connection_id": connection_id, "status": status.value})
    return {"statusCode": status.value}
