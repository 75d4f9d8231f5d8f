"""What a test of the search needs: customers who can be found, and who is found."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from support.gateway import Answer

Call = Callable[..., Answer]
LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")


def new_word() -> str:
    """Sixteen letters nobody else's name has."""
    return uuid4().hex[:16].translate(LETTERS)


def make_findable(*customer_ids: str) -> None:
    """What the follower of the stream does for each."""
    from customer360.search.projecting import project

    for customer_id in customer_ids:
        project(customer_id, datetime.now(UTC))


def search(call: Call, query: dict[str, Any], role: str = "admin") -> list[dict[str, Any]]:
    """The rows of the first page."""
    answer = call("search_customers", query=query, role=role)
    assert answer.status == 200, answer.text
    rows: list[dict[str, Any]] = answer.json["customers"]
    return rows


def ids(call: Call, query: dict[str, Any], role: str = "admin") -> list[str]:
    return [row["id"] for row in search(call, query, role)]


def found_by(call: Call, text: str, role: str = "admin") -> list[str]:
    return ids(call, {"q": text}, role)
