"""The stream of the `customers` table, for the functions that follow it: records as items, and failures set aside.

Guarantee: a record that cannot be worked on holds up nobody behind it and is not lost. It is tried a few times, then
put into the follower's own queue with what finds it again, and the follower goes on. So is what a follower has no time
left for: a batch that takes too long would only come again as a whole. This does not rest on how the stream's mapping
treats a failed batch. If the queue cannot be written to either, the error flies: the whole batch comes again, so
followers must not mind seeing a record twice.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf
from traceback import extract_tb
from typing import Any, TypeVar

from customer360.aws import sqs
from customer360.exact_json import dumps
from customer360.instants import sortable
from customer360.logs import logger
from customer360.storage.items import CustomerItem
from customer360.storage.keys import partition

Result = TypeVar("Result")
Record = Mapping[str, Any]
Keys = Mapping[str, str]

ATTEMPTS = 3
PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Change:
    """What a record tells: an item of a customer's before and after, None where there was, or is, none; written `at`
    about."""

    customer_id: str
    at: datetime
    old: CustomerItem | None
    new: CustomerItem | None


def change_of(record: Record) -> Change:
    """Reads a record; its items are of the classes in `storage.items`. Raises for one that is none, or not complete."""
    told = record["dynamodb"]
    return Change(
        told["Keys"]["pk"]["S"].removeprefix(partition("")),
        datetime.fromtimestamp(float(told["ApproximateCreationDateTime"]), UTC),
        _item(told.get("OldImage")),
        _item(told.get("NewImage")),
    )


def _item(image: dict[str, Any] | None) -> CustomerItem | None:
    if not image:
        return None
    item = CustomerItem.from_raw_data(image)
    item.serialize()  # refuses one that lacks an attribute of its class; reading does not
    return item


class OutOfTime(Exception):
    """There is no time left to begin any more work of the batch."""


@dataclass(slots=True)
class FailureQueue:
    """Where a follower puts what it cannot work on, or not before the deadline (of `time.monotonic`); `records` are
    those of this time. Threads may share it."""

    url: str
    deadline: float = inf
    records: list[Record] = field(default_factory=list)

    def isolate(self, records: Sequence[Record], work: Callable[[], Result]) -> Result | None:
        """What `work` gives, which is about these records. If it fails for good, or there is no time for it:
        None, and they are set aside. About none, nothing is done."""
        if not records:
            return None
        for attempt in range(1, ATTEMPTS + 1):
            try:
                if time.monotonic() > self.deadline:
                    raise OutOfTime
                return work()
            except Exception as error:
                if attempt == ATTEMPTS or isinstance(error, OutOfTime):
                    logger.exception("set aside", extra={"records": len(records)})
                    self._set_aside(records, error)
                    break
                time.sleep(random.uniform(0, PAUSE_SECONDS))
        return None

    def _set_aside(self, records: Sequence[Record], error: Exception) -> None:
        """Keys and places, not content: enough to find the records while the stream has them, and the items later."""
        last = extract_tb(error.__traceback__)[-1]
        failure = {
            "failedAt": sortable(datetime.now(UTC)),
            "error": type(error).__name__,
            "where": f"{last.filename}:{last.lineno}",
            "stream": records[0].get("eventSourceARN"),
            "records": [_place(record) for record in records],
        }
        sqs().send_message(QueueUrl=self.url, MessageBody=dumps(failure))
        self.records.extend(records)


def each_again(
    message: Mapping[str, Any],
    every: Sequence[Keys],
    work: Callable[[Keys], Result],
    *,
    queue_url: str,
    deadline: float,
) -> list[Result]:
    """What `work` gives for each of those a message has brought again, by the keys that find them.

    What it fails for, or there is no time to begin (`deadline`, of `time.monotonic`), is put back into the queue in a
    message of its own: it neither holds up the others nor takes them along to the dead letters. Of the only one of a
    message, the failure flies, so the queue counts how often it failed.
    """
    done = []
    for keys in every:
        try:
            if len(every) > 1 and time.monotonic() > deadline:
                raise OutOfTime
            done.append(work(keys))
        except Exception:
            if len(every) == 1:
                raise
            logger.exception("set aside", extra={"records": 1})
            sqs().send_message(QueueUrl=queue_url, MessageBody=dumps({**message, "records": [{"keys": keys}]}))
    return done


def _place(record: Record) -> dict[str, Any]:
    told = record.get("dynamodb", {})
    keys = {name: value.get("S") for name, value in told.get("Keys", {}).items()}
    return {"eventId": record.get("eventID"), "sequenceNumber": told.get("SequenceNumber"), "keys": keys}
