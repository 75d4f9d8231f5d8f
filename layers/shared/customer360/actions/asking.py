"""What an admin asks of a source system: ours at once, and the source's as soon as it says so.

What is made is an ordinary record, as if an event of the source had brought it, so lists, totals, scores and recounts
know nothing of where it came from. Its version is marked as ours (`timeline.entries.OURS`) and comes before every
version of the source's (`SourceEvent.version_at`): when the source echoes our id as its own, its record replaces ours,
however its clock goes and whichever came first, and counts once.

Guarantees: the record, the totals it moves, its entries in the timeline and the event for the source are one
transaction. A repeated request has the same action id and makes nothing.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from customer360.access.caller import Caller
from customer360.actions.outbox import event_item
from customer360.ingestion.apply import put_event
from customer360.ingestion.events import SourceEvent
from customer360.ingestion.intake import this_shop
from customer360.sources.record import Record
from customer360.storage.base import Turn, until_won
from customer360.storage.commit import Commit
from customer360.storage.items import CustomerItem, OutboxItem
from customer360.timeline.actions import action_item
from customer360.timeline.entries import OURS, Entry

WAITING_SECONDS = 15  # fifty admins at one customer take their turns within it

Done = TypeVar("Done")


def event_of(event_type: str, customer_id: str, record: Record, now: datetime) -> SourceEvent:
    """A record of ours as an event that `ingestion.apply` takes."""
    return SourceEvent(event_type, OURS + record.subject_id, customer_id, now, record)


def put_request(
    commit: Commit, kind: str, event: SourceEvent, items: dict[str, CustomerItem], by: Caller, action: tuple[str, Entry]
) -> OutboxItem:
    """Puts the record into the commit, with what tells of it: the action's entry in the timeline (by its id), and an
    event of this kind for the source, which the caller tells once the commit is written. `items` were read after it
    began (`ingestion.apply.items_of`)."""
    record: Record = event.record
    put_event(commit, event, this_shop(), items)
    commit.put(action_item(commit.pk, *action))
    data = record.model_dump(exclude_none=True)
    asked = event_item(kind, record.subject_id, event.customer_id, data, by, event.occurred_at)
    commit.put(asked)
    return asked


def entry_of(title: str, description: str, at: datetime, by: Caller, metadata: dict[str, Any]) -> Entry:
    """What the timeline tells of an action."""
    return Entry("done", "action", title, description, at, metadata | {"by": {"id": by.id, "name": by.name}})


def won(attempt: Callable[[Turn], Done], deadline: float | None = None) -> Done:
    """Raises Contended after the deadline (of `time.monotonic`), by default in `WAITING_SECONDS`."""
    return until_won(attempt, deadline=deadline or time.monotonic() + WAITING_SECONDS)
