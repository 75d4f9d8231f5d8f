"""The timeline as tests write and expect it."""

from datetime import datetime, timedelta
from typing import Any

from support.builders import BASE, new_id

TYPES = ("order", "support", "loyalty", "marketing", "account", "note", "tag", "segment", "score", "payment", "action")

# What a role does not see, said once more and independently; of notes by their audience.
HIDDEN: dict[str, set[str]] = {
    "viewer": {"payment", "marketing", "note:team", "note:managers"},
    "support": {"note:managers"},
    "manager": set(),
    "admin": set(),
}


def at_day(day: float) -> datetime:
    """So many days after the first of 2026."""
    return BASE + timedelta(days=day)


def write(customer_id: str, kind: str, at: datetime, action_id: str | None = None, **told: Any) -> str:
    """Writes the entry an admin's action leaves, of a type (of a note with its audience: `note:team`); gives its id."""
    from customer360.storage.keys import partition
    from customer360.timeline.actions import action_item
    from customer360.timeline.entries import Entry

    entry_type, _, audience = kind.partition(":")
    words: dict[str, Any] = {"type": entry_type, "title": "Title", "description": "", "audience": audience or None}
    action_id = action_id or new_id("a")
    action_item(partition(customer_id), action_id, Entry("done", at=at, **(words | told))).save()
    return f"~{action_id}"


def erase(customer_id: str, identifier: str) -> None:
    """Takes away the entry with this id."""
    from customer360.storage.items import CustomerItem
    from customer360.storage.keys import partition

    CustomerItem.get(partition(customer_id), f"EVENT#{identifier}").delete()
