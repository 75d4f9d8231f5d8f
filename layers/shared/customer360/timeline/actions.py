"""What admins do to a customer: the item that puts it on the timeline, and that proves it was done."""

from customer360.storage.items import EventItem
from customer360.storage.keys import EVENT
from customer360.timeline.entries import OURS, Entry, index_fields


def action_key(action_id: str) -> str:
    """The sort key of an action's item. A repeated request has the same action id, and finds it there."""
    return f"{EVENT}{OURS}{action_id}"


def find_action(pk: str, action_id: str) -> EventItem | None:
    """The item of an action that was done, strongly consistent."""
    found = EventItem.query(pk, EventItem.sk == action_key(action_id), consistent_read=True)
    return next(iter(found), None)


def action_item(pk: str, action_id: str, entry: Entry) -> EventItem:
    """The item to write in the transaction that does the action."""
    identifier = OURS + action_id
    return EventItem(pk, action_key(action_id), event_id=identifier, **index_fields(identifier, entry))
