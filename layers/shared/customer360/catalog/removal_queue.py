"""The queue by which the parts of a removal job reach their workers."""

from datetime import UTC, datetime
from typing import Any

from customer360.aws import sqs
from customer360.catalog.kinds import SHARDS
from customer360.exact_json import dumps
from customer360.settings import removal_queue_url

# Sent before the job exists, so that no job can be left without a message; by then it usually does.
DELAY_SECONDS = 3


def announce(job_id: str) -> None:
    """Sends every part of a job that is about to be made. A part whose job never comes is dropped by its worker."""
    announced_at = datetime.now(UTC)
    for shard in range(SHARDS):
        go_on({"jobId": job_id, "shard": shard, "announcedAt": announced_at})


def go_on(part: dict[str, Any]) -> None:
    """Sends one part: always a new message, so that long work does not use up the deliveries failures are allowed."""
    sqs().send_message(QueueUrl=removal_queue_url(), MessageBody=dumps(part), DelaySeconds=DELAY_SECONDS)
