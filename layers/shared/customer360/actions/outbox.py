"""Events for the source systems: what an admin asks of them, by the event bus.

Guarantee: at least once. The event is an item of the transaction that makes what it tells of, so there is never one
without the other; who made it puts it on the bus right after and deletes the item. Where that failed, the follower of
the table's stream, which sees every item, puts what is still there on the bus half a minute later
(`scores.following`). A repeated event has the same `eventId`, by which the source drops it.

Notices of scores are told at most once (`scores.notices`): they end as e-mails to people, who look at the page anyway.
What nobody hears of here would be missing in the source system for ever, and hearing of it twice does no harm.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from customer360 import bus
from customer360.access.caller import Caller
from customer360.aws import sqs
from customer360.exact_json import dumps
from customer360.logs import logger
from customer360.settings import recompute_queue_url
from customer360.storage.items import OutboxItem
from customer360.storage.keys import OUTBOX, partition

# Longer than a function that takes an action may run: by then it has deleted the item, or never will.
DELAY_SECONDS = 35


def event_item(
    kind: str, event_id: str, customer_id: str, data: dict[str, Any], by: Caller, at: datetime
) -> OutboxItem:
    """The item to write in the transaction that makes what the event tells of; `data` is as source events have it."""
    detail = {
        "eventId": event_id,
        "customerId": customer_id,
        "occurredAt": at,
        "requestedBy": by.id,
        "data": data,
    }
    return OutboxItem(partition(customer_id), OUTBOX + event_id, kind=kind, detail=dumps(detail))


def tell(item: OutboxItem) -> None:
    """Puts the event on the bus, and deletes it once the bus has it. Every failure flies; it may simply be repeated."""
    bus.put(item.kind, item.detail)
    item.delete()


def tell_now(item: OutboxItem) -> None:
    """The same, but what fails is left to the follower of the stream: what the event tells of is made already."""
    try:
        tell(item)
    except Exception:
        logger.exception("left in the outbox", extra={"kind": item.kind})


def tell_later(items: Sequence[OutboxItem]) -> None:
    """Asks for those to be told that are still there in a while, in the words of `storage.stream.FailureQueue`."""
    if left := still_there([(item.pk, item.sk) for item in items]):
        places = [{"keys": {"pk": item.pk, "sk": item.sk}} for item in left]
        sqs().send_message(
            QueueUrl=recompute_queue_url(), MessageBody=dumps({"records": places}), DelaySeconds=DELAY_SECONDS
        )


def still_there(keys: Sequence[tuple[str, str]]) -> list[OutboxItem]:
    """The items of these keys that nobody has told of yet, strongly consistent."""
    return list(OutboxItem.batch_get(list(keys), consistent_read=True))
