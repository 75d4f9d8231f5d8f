"""Tags and segments are alike in most: one test may speak of both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from customer360.catalog import store
from customer360.catalog.kinds import SEGMENT_KIND, TAG_KIND, Kind
from customer360.segments import editing
from customer360.segments import service as segments
from customer360.segments.schemas import NewSegment
from customer360.tags import service as tags
from customer360.tags.schemas import NewTag
from support.builders import new_id
from support.gateway import Answer
from support.makers import MAKER, a_segment, a_tag


@dataclass(frozen=True)
class Catalog:
    """One of the two kinds: what its functions and fields are called, and how its services are reached."""

    noun: Literal["tag", "segment"]
    kind: Kind
    made: Callable[[str], str]
    more: dict[str, Any]  # what a new one needs beside its name
    giving: str
    taking: str

    def __str__(self) -> str:
        return self.noun

    @property
    def plural(self) -> str:
        return f"{self.noun}s"

    def body(self, name: str | None = None, **fields: Any) -> dict[str, Any]:
        return {"name": name or new_id(self.noun), **self.more, **fields}

    def create(self, call: Callable[..., Answer], name: str | None = None, **request: Any) -> Answer:
        return call(f"create_{self.noun}", **{"body": self.body(name), **request})

    def update(self, call: Callable[..., Answer], identifier: str, body: Any, **request: Any) -> Answer:
        return call(f"update_{self.noun}", **{f"{self.noun}_id": identifier}, body=body, **request)

    def delete(self, call: Callable[..., Answer], identifier: str, **request: Any) -> Answer:
        return call(f"delete_{self.noun}", **{f"{self.noun}_id": identifier}, **request)

    def listed(self, call: Callable[..., Answer], **query: str) -> list[Any]:
        answer = call(f"list_{self.plural}", query=query)
        assert answer.status == 200, answer.text
        found: list[Any] = answer.json[self.plural]
        return found

    def row(self, call: Callable[..., Answer], identifier: str) -> Any:
        """How it is listed; None if it is not."""
        return next((row for row in self.listed(call) if row["id"] == identifier), None)

    def count(self, call: Callable[..., Answer], identifier: str) -> int:
        return int(self.row(call, identifier)["customerCount"])

    def give(self, call: Callable[..., Answer], customer_id: str, identifier: str, **request: Any) -> Answer:
        return call(self.giving, customer_id=customer_id, body={f"{self.noun}Id": identifier}, **request)

    def take(self, call: Callable[..., Answer], customer_id: str, identifier: str, **request: Any) -> Answer:
        return call(self.taking, customer_id=customer_id, **{f"{self.noun}_id": identifier}, **request)

    def shown(self, call: Callable[..., Answer], customer_id: str) -> list[str]:
        """The ids in the 360 view."""
        return [row["id"] for row in call("get_customer_360", customer_id=customer_id).json[self.plural]]

    def told(self, call: Callable[..., Answer], customer_id: str) -> list[str]:
        """The titles in the timeline, newest first."""
        query = {"type": self.noun, "limit": "100"}
        events = call("list_timeline_events", customer_id=customer_id, query=query).json["events"]
        return [event["title"] for event in events]

    # As the handlers do it, but fit for many threads.

    def create_by_service(self, name: str, action_id: str | None = None) -> str:
        if self.noun == "tag":
            return tags.create(NewTag(name=name, color="#3366CC"), action_id or new_id("a")).id
        new = NewSegment.model_validate({"name": name, "isAutomatic": False})
        return editing.create(new, MAKER, action_id or new_id("a")).id

    def give_by_service(self, customer_id: str, identifier: str, action_id: str | None = None) -> None:
        service = tags if self.noun == "tag" else segments
        service.add(customer_id, identifier, MAKER, action_id or new_id("a"))

    def take_by_service(self, customer_id: str, identifier: str) -> None:
        service = tags if self.noun == "tag" else segments
        service.remove(customer_id, identifier, MAKER, new_id("a"))

    def delete_by_service(self, identifier: str, job_id: str) -> None:
        store.delete(self.kind, identifier, MAKER, job_id)


TAGS = Catalog("tag", TAG_KIND, a_tag, {"color": "#3366CC"}, "add_tag", "remove_tag")
SEGMENTS = Catalog("segment", SEGMENT_KIND, a_segment, {"isAutomatic": False}, "add_to_segment", "remove_from_segment")

of_both = pytest.mark.parametrize("catalog", [TAGS, SEGMENTS], ids=str)
