"""Entries of the timeline: what a person should see of a change, and where its item stands in the indexes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from customer360.instants import sortable
from customer360.storage.keys import EVENT

EntryType = Literal[
    "order", "support", "loyalty", "marketing", "account", "note", "tag", "segment", "score", "payment", "action"
]

# In no source's event id, so an action of ours never takes the key of a source event.
OURS = "~"


@dataclass(frozen=True, slots=True)
class Entry:
    """One visible change: an entry of the timeline.

    Title and description hold neither money nor contact data; amounts stand in `metadata["amounts"]` (named as in
    `timeline.schemas.Amounts`, as text with the currency's decimals), contact data in `metadata["contact"]`, so that
    each can be masked by role. An entry with an `audience` is not for everybody who may see its type: it stands only
    in the stream of that audience (`timeline.visibility`).
    """

    aspect: str
    type: EntryType
    title: str
    description: str
    at: datetime
    metadata: dict[str, Any] = field(default_factory=dict)
    audience: str | None = None


def stream_of(entry_type: str, audience: str | None = None) -> str:
    """The prefix in `by-state` of the entries of one type (and audience)."""
    return EVENT + (f"{entry_type}:{audience}" if audience else entry_type)


def index_fields(identifier: str, entry: Entry) -> dict[str, Any]:
    """The index keys and the list fields that make an event item an entry of the timeline."""
    at = sortable(entry.at)
    return {
        "by_time": None if entry.audience else f"{EVENT}{at}#{identifier}",
        "by_state": f"{stream_of(entry.type, entry.audience)}#{at}#{identifier}",
        "summary": {
            "id": identifier.replace("#", "~"),  # in no event id, so no two entries share one
            "type": entry.type,
            "title": entry.title,
            "description": entry.description,
            "timestamp": at,
            "metadata": entry.metadata,
        },
    }
