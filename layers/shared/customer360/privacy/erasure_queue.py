"""The queue by which an erasure reaches its worker. A message names a job and nobody: where it has come to, and whom it
is about, stands in the job, so one that comes twice or late does no harm."""

from datetime import UTC, datetime

from customer360.aws import sqs
from customer360.exact_json import dumps
from customer360.settings import erasure_queue_url

# An erasure is announced before it exists, so that none can be left without a worker; by then it usually does.
DELAY_SECONDS = 3
# What a queue holds a message back for at most.
LONGEST_DELAY_SECONDS = 900


def announce(
    job_id: str, delay_seconds: int = DELAY_SECONDS, announced_at: datetime | None = None, failures: int = 0
) -> None:
    """Asks for an erasure to be begun, or gone on with: always by a new message, so that long work does not use up the
    deliveries failures are allowed. `failures` are those since it last got on. If it never comes to be, its worker
    drops the message."""
    sqs().send_message(
        QueueUrl=erasure_queue_url(),
        MessageBody=dumps({"jobId": job_id, "announcedAt": announced_at or datetime.now(UTC), "failures": failures}),
        DelaySeconds=min(delay_seconds, LONGEST_DELAY_SECONDS),
    )
