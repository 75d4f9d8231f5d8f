"""What the timeline tells of a tag or segment that a customer was given, or that was taken from them."""

from datetime import datetime
from typing import Any

from customer360.access.caller import Caller
from customer360.catalog.kinds import Kind
from customer360.timeline.entries import Entry


def given_entry(kind: Kind, identifier: str, name: str, by: Caller, at: datetime, why: str = "") -> Entry:
    metadata = _metadata(kind, identifier, None, name, by)
    return Entry("added", kind.noun, f"{kind.noun.capitalize()} {name} added", why, at, metadata)


def taken_entry(kind: Kind, identifier: str, name: str, by: Caller, at: datetime, why: str = "") -> Entry:
    metadata = _metadata(kind, identifier, name, None, by)
    return Entry("removed", kind.noun, f"{kind.noun.capitalize()} {name} removed", why, at, metadata)


def entered_entry(kind: Kind, identifier: str, name: str, at: datetime) -> Entry:
    """By itself: what is known of the customer has come to match."""
    metadata = _metadata(kind, identifier, None, name)
    return Entry("entered", kind.noun, f"Entered {kind.noun} {name}", "", at, metadata)


def left_entry(kind: Kind, identifier: str, name: str, at: datetime) -> Entry:
    """By itself: what is known of the customer does not match any more."""
    metadata = _metadata(kind, identifier, name, None)
    return Entry("left", kind.noun, f"Left {kind.noun} {name}", "", at, metadata)


def _metadata(
    kind: Kind, identifier: str, before: str | None, after: str | None, by: Caller | None = None
) -> dict[str, Any]:
    change = {f"{kind.noun}Id": identifier, "field": kind.noun, "before": before, "after": after}
    return change | {"by": {"id": by.id, "name": by.name}} if by else change
