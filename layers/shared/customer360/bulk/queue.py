"""The queue by which bulk assignments reach their worker. A message names a job, and nothing else: where the job has
come to stands in its own items, so a message that comes twice, late or once too often does no harm."""

from datetime import UTC, datetime

from customer360.aws import sqs
from customer360.exact_json import dumps
from customer360.settings import bulk_queue_url

# A job is announced before it exists, so that none can be left without a worker; by then it usually does.
DELAY_SECONDS = 3


def announce(job_id: str, delay_seconds: int = DELAY_SECONDS, announced_at: datetime | None = None) -> None:
    """Asks for a job to be begun, or gone on with: always by a new message, so that long work does not use up the
    deliveries failures are allowed. If the job never comes to be, its worker drops the message."""
    body = dumps({"jobId": job_id, "announcedAt": announced_at or datetime.now(UTC)})
    sqs().send_message(QueueUrl=bulk_queue_url(), MessageBody=body, DelaySeconds=delay_seconds)
