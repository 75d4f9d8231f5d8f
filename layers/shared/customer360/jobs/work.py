"""The queue by which work over all customers reaches its workers: a job to be planned, a shard of one, or a customer
for whom it failed."""

from datetime import UTC, datetime
from typing import Any

from customer360.aws import sqs
from customer360.exact_json import dumps
from customer360.settings import recompute_queue_url
from customer360.storage.keys import partition

# A job is announced before it exists, so that none can be left without a worker; by then it usually does.
DELAY_SECONDS = 3


def announce(job_id: str, announced_at: datetime | None = None, delay_seconds: int = DELAY_SECONDS) -> None:
    """Asks for a job, which is about to be made, to be planned. If it never comes, its worker drops it."""
    _send({"jobId": job_id, "announcedAt": announced_at or datetime.now(UTC)}, delay_seconds)


def hand_out(job_id: str, shard: str) -> None:
    """Asks for one shard of a job to be worked on, or gone on with: always a new message, so that long work does not
    use up the deliveries failures are allowed."""
    _send({"jobId": job_id, "shard": shard}, 0)


def try_again(customer_id: str) -> None:
    """Asks for one customer to be rescored, in the words of `storage.stream.FailureQueue`."""
    _send({"records": [{"keys": {"pk": partition(customer_id)}}]}, DELAY_SECONDS)


def _send(part: dict[str, Any], delay_seconds: int) -> None:
    sqs().send_message(QueueUrl=recompute_queue_url(), MessageBody=dumps(part), DelaySeconds=delay_seconds)
