"""The queue by which exports reach their workers. Whatever a message is for, the export's own item says what to do."""

from datetime import datetime
from typing import Final

from customer360.aws import sqs
from customer360.exact_json import dumps
from customer360.settings import export_queue_url

# By then the export, which is announced before it exists, usually does.
DELAY_SECONDS: Final = 1
# The longest a message can wait.
LONGEST_SECONDS: Final = 900


def announce(export_id: str, announced_at: datetime, delay_seconds: int = DELAY_SECONDS) -> None:
    """Asks for an export to be made, or gone on with: always a new message, so that long work does not use up the
    deliveries that failures are allowed."""
    body = dumps({"exportId": export_id, "announcedAt": announced_at})
    sqs().send_message(QueueUrl=export_queue_url(), MessageBody=body, DelaySeconds=delay_seconds)
