"""What a test asks about the notes of a customer."""

from collections.abc import Callable
from typing import Any

from customer360.access.caller import Caller
from customer360.api.etags import Precondition
from support.collection import collection
from support.gateway import Answer

Call = Callable[..., Answer]
ANYTHING = Precondition(None, frozenset())
SUPPORT = Caller("sub-support", "support@example.com", "support@example.com", "support")


def patch(call: Call, customer_id: str, note_id: str, body: Any, role: str = "admin", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return call("update_note", customer_id=customer_id, note_id=note_id, body=body, role=role, headers=named)


def whole(call: Call, customer_id: str, note_id: str, role: str = "admin") -> Any:
    answer = call("get_note", customer_id=customer_id, note_id=note_id, role=role)
    assert answer.status == 200, answer.text
    return answer.json


def listed(call: Call, customer_id: str) -> list[Any]:
    found: list[Any] = call("list_notes", customer_id=customer_id, query={"limit": "100"}).json["notes"]
    return found


def told(call: Call, customer_id: str, role: str = "admin") -> list[tuple[str, str | None]]:
    """What the timeline tells of notes: the title, and for whom the note is afterwards; newest first."""
    answer = call("list_timeline_events", customer_id=customer_id, role=role, query={"type": "note", "limit": "100"})
    return [(event["title"], (event["metadata"]["after"] or {}).get("visibility")) for event in answer.json["events"]]


def head(customer_id: str) -> Any:
    return collection(customer_id)["HEAD#COMMIT"]


def kept_of_notes(customer_id: str) -> list[str]:
    return [key for key in collection(customer_id) if key.startswith("NOTE#")]
