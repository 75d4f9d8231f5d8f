"""Walks through a list page by page, as a client does."""

from collections.abc import Callable, Iterator
from typing import Any

from support.gateway import Answer


def pages(call: Callable[..., Answer], name: str, query: dict[str, str] | None = None, **path: str) -> Iterator[Any]:
    """The JSON of every page. Fails for a list that goes in circles."""
    asked, seen = dict(query or {}), set()
    while True:
        answer = call(name, query=asked, **path)
        assert answer.status == 200, answer.text
        yield answer.json
        if "nextCursor" not in answer.json:
            return
        asked["cursor"] = answer.json["nextCursor"]
        assert asked["cursor"] not in seen, "the list goes in circles"
        seen.add(asked["cursor"])


def rejections(call: Callable[..., Answer]) -> list[dict[str, Any]]:
    """Every rejected event that is listed, newest first."""
    return [item for page in pages(call, "list_rejected_events", {"limit": "100"}) for item in page["rejected"]]
