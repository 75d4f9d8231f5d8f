"""Schedule, every night: begins to bring everybody's scores and segments up to date, because time has passed."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from customer360.logs import logger
from customer360.scores import recompute


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _: LambdaContext) -> None:
    # Named after the minute it was due, so that a delivery which comes twice begins one job.
    due = datetime.fromisoformat(event["time"]) if "time" in event else datetime.now(UTC)
    job_id = f"recompute-{due:%Y%m%dT%H%M}"
    recompute.begin(job_id, datetime.now(UTC))
    logger.info("begun", extra={"job": job_id})
