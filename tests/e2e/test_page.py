"""The customer's page as staff use it: every section, notes, tags and what becomes of them, over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from e2e.shop import Shop, eventually
from support.builders import (
    account,
    customer,
    instant,
    message,
    method,
    new_id,
    order,
    payment,
    points,
    session,
    ticket,
)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def page(shop: Shop) -> str:
    """Where everything about somebody with something in every section is found."""
    customer_id = new_id()
    shop.send(*(make(customer_id) for make in (customer, account, message, method, order, payment, session, ticket)))
    shop.send(points(customer_id, "earned", 40), points(customer_id, "lapsed", 60, expiresAt=instant(10)))
    shop.view(customer_id, orders=1)
    path = f"/api/admin/customers/{customer_id}"

    def complete() -> bool:
        def read(section: str) -> Any:
            return shop.get(f"{path}/{section}").json()

        loyalty, payments = read("loyalty"), read("payments")
        return bool(
            (loyalty["lifetimePoints"], loyalty["tier"]) == (100, "gold")
            and read("marketing")["campaigns"]
            and read("support")["tickets"]
            and payments["methods"]
            and payments["transactions"]
            and read("analytics")["sessionStats"]["totalSessions"]
        )

    eventually(complete)
    return path


def test_every_section_shows_what_its_source_sent(shop: Shop, page: str) -> None:
    def read(section: str) -> Any:
        answer = shop.get(f"{page}/{section}", role="manager")
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert read("loyalty")["pointsBalance"] == 40  # of the hundred, sixty have lapsed by themselves
    assert read("marketing")["campaigns"][0]["name"] == "Spring sale"
    assert read("support")["openTickets"] == 1
    assert read("support/t1")["subject"] == "Where is my parcel?"
    assert read("payments")["totalSuccessful"] == {"count": 1, "amount": 25.0}
    assert read("analytics")["topCategories"][0] == {
        "category": "Drinks",
        "viewCount": 2,
        "purchaseCount": 1,
        "revenue": 25.0,
    }
    events = read("timeline")["events"]
    assert [event["timestamp"] for event in events] == sorted((event["timestamp"] for event in events), reverse=True)
    assert "Points expired" in [event["title"] for event in events]


def test_a_note_is_written_changed_and_kept_from_who_may_not_see_it(shop: Shop, page: str) -> None:
    made = shop.post(f"{page}/notes", "support", {"content": "  Call after six. "}, **{"Idempotency-Key": new_id()})
    assert made.status_code == 201, made.text
    note = made.json()["note"]
    assert (note["content"], note["createdBy"]["name"]) == ("Call after six.", "Demo Support")
    path, seen = f"{page}/notes/{note['id']}", {"If-Match": made.headers["ETag"]}
    changed = shop.request("PATCH", path, "manager", {"visibility": "managers"}, **seen)
    assert changed.status_code == 200, changed.text
    assert shop.request("PATCH", path, "manager", {"pinned": True}, **seen).status_code == 412
    assert shop.get(path, role="support").status_code == 404
    assert note["id"] not in shop.get(f"{page}/timeline?type=note", role="viewer").text
    assert shop.get(path, role="manager").json()["history"][0]["visibility"] == "team"
    assert shop.request("DELETE", path, "manager").status_code == 204
    assert shop.get(path, role="manager").status_code == 404


def test_a_tag_is_given_once_and_goes_everywhere_when_it_is_deleted(shop: Shop, page: str) -> None:
    tag = shop.post("/api/admin/tags", "manager", {"name": new_id("tag"), "color": "#112233"}).json()

    def give(_: int) -> int:
        return shop.post(f"{page}/tags", "support", {"tagId": tag["id"]}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(give, range(20))) == [201, *[409] * 19]
    assert tag["id"] in [shown["id"] for shown in shop.get(f"{page}/360").json()["tags"]]
    listed = {row["id"]: row["customerCount"] for row in shop.get("/api/admin/tags").json()["tags"]}
    assert listed[tag["id"]] == 1

    deleted = shop.request("DELETE", f"/api/admin/tags/{tag['id']}", "manager")
    assert deleted.status_code == 204, deleted.text
    assert tag["id"] not in shop.get("/api/admin/tags").text

    def completed() -> Any:
        job = shop.get(deleted.headers["Location"], role="manager").json()
        return job if job["status"] == "completed" else None

    job = eventually(completed)
    assert (job["total"], job["done"]) == (1, 1)
    assert tag["id"] not in shop.get(f"{page}/360").text
    titles = [event["title"] for event in shop.get(f"{page}/timeline?type=tag").json()["events"]]
    assert titles == [f"Tag {tag['name']} removed", f"Tag {tag['name']} added"]
