"""GET /api/admin/ingestion/rejected"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from support.builders import new_id, order
from support.gateway import Answer
from support.pages import pages

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
Keep = Callable[..., str]
LIST = "list_rejected_events"


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [item["id"] for item in answer.json["rejected"]]


def walk(call: Call, limit: int, between: Callable[[], None] | None = None) -> list[str]:
    """The ids on all pages, with something happening between one page and the next."""
    found: list[str] = []
    for page in pages(call, LIST, {"limit": str(limit)}):
        assert len(page["rejected"]) <= limit
        found += [item["id"] for item in page["rejected"]]
        if between:
            between()
    return found


@pytest.fixture
def kept(keep: Keep) -> list[str]:
    """Seven rejections, oldest first; the first three were kept 40 days ago."""
    now = datetime.now(UTC)
    old = [keep(order(new_id()), at=now - timedelta(days=40, seconds=-n)) for n in range(3)]
    return old + [keep(order(new_id()), at=now + timedelta(milliseconds=n)) for n in range(4)]


def test_a_rejection_says_what_where_and_why(call: Call, keep: Keep) -> None:
    event = order(new_id())
    identifier = keep(event, reason="invalid", at=datetime.now(UTC))
    found = next(item for item in call(LIST, query={"limit": "100"}).json["rejected"] if item["id"] == identifier)
    rejected_at = found.pop("rejectedAt")
    assert found == {
        "id": identifier,
        "eventId": event["eventId"],
        "customerId": event["customerId"],
        "detailType": "order.upserted",
        "reason": "invalid",
        "errors": [{"field": "type", "message": "is not known"}],
        "replayable": True,
    }
    assert datetime.now(UTC) - datetime.fromisoformat(rejected_at) < timedelta(minutes=1)


def test_the_newest_come_first(call: Call, kept: list[str]) -> None:
    assert ids(call(LIST, query={"limit": "4"})) == kept[:2:-1]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pages_join_to_the_whole_list_across_months(call: Call, kept: list[str], limit: int) -> None:
    found = walk(call, limit)
    assert found == sorted(found, reverse=True)
    assert len(found) == len(set(found))
    assert [identifier for identifier in found if identifier in kept] == kept[::-1]


def test_the_last_page_has_no_cursor_even_if_it_is_full(call: Call, kept: list[str]) -> None:
    whole = len(walk(call, 100))
    if whole <= 100:
        assert "nextCursor" not in call(LIST, query={"limit": str(whole)}).json
        assert "nextCursor" in call(LIST, query={"limit": str(whole - 1)}).json


def test_what_arrives_meanwhile_moves_nothing(call: Call, kept: list[str], keep: Keep) -> None:
    later: list[str] = []

    def arrive() -> None:
        later.append(keep(order(new_id())))

    found = walk(call, 2, arrive)
    assert [identifier for identifier in found if identifier in kept] == kept[::-1]
    assert not set(later) & set(found)


@pytest.mark.parametrize("limit", ["0", "101", "x"])
def test_a_limit_out_of_range_is_named(call: Call, limit: str) -> None:
    answer = call(LIST, query={"limit": limit})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "limit")


def test_a_cursor_of_another_list_is_refused(call: Call, kept: list[str]) -> None:
    from customer360.api.cursor import encode

    cursor = call(LIST, query={"limit": "1"}).json["nextCursor"]
    for foreign in (cursor[:-1], "x", encode(kept[0], "orders", "c1")):
        answer = call(LIST, query={"cursor": foreign})
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, "cursor")


@pytest.mark.parametrize("role", ["viewer", "support", "manager", None])
def test_only_who_manages_ingestion_may_see_them(call: Call, role: str | None) -> None:
    answer = call(LIST, role=role)
    assert (answer.status, answer.json["detail"]) == (403, "the permission ingestion:manage is missing")


def test_the_list_has_an_etag(call: Call, keep: Keep) -> None:
    keep(order(new_id()))
    etag = call(LIST).headers["ETag"]
    assert call(LIST, headers={"If-None-Match": etag}).status == 304
    keep(order(new_id()))
    assert call(LIST, headers={"If-None-Match": etag}).status == 200
