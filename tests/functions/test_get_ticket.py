"""GET /api/admin/customers/{customer_id}/support/{ticket_id}"""

from collections.abc import Callable
from typing import Any

import pytest

from support.builders import customer, instant, new_id, ticket
from support.gateway import Answer

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
GET = "get_ticket"


def said(message_id: str, days: float, **data: Any) -> dict[str, Any]:
    return {"id": message_id, "content": f"Says {message_id}", "at": instant(days), "fromCustomer": True} | data


def test_the_whole_ticket(call: Call, known_customer: str, take_in: TakeIn) -> None:
    whole: dict[str, Any] = {
        "number": "2026-17",
        "subject": "Broken cup",
        "status": "resolved",
        "priority": "urgent",
        "category": "Damage",
        "description": "It came in pieces.\nAll of it.",
        "assignee": "Grace",
        "createdAt": "2026-01-05T10:00:00.5+01:00",
        "resolvedAt": "2026-01-06T09:00:00Z",
        "messages": [said("m1", 4.5), said("m2", 4.75, fromCustomer=False, author="Grace")],
        "updatedAt": "2026-01-06T09:30:00Z",
    }
    take_in(ticket(known_customer, **whole))
    assert call(GET, customer_id=known_customer, ticket_id="t1").json == {
        "id": "t1",
        "ticketNumber": "2026-17",
        "subject": "Broken cup",
        "status": "resolved",
        "priority": "urgent",
        "category": "Damage",
        "createdAt": "2026-01-05T09:00:00Z",
        "resolvedAt": "2026-01-06T09:00:00Z",
        "description": "It came in pieces.\nAll of it.",
        "assignee": "Grace",
        "messages": [
            {"id": "m1", "content": "Says m1", "at": "2026-01-05T12:00:00Z", "fromCustomer": True},
            {
                "id": "m2",
                "content": "Says m2",
                "at": "2026-01-05T18:00:00Z",
                "fromCustomer": False,
                "author": "Grace",
            },
        ],
        "statusHistory": [{"status": "resolved", "at": "2026-01-06T09:30:00Z"}],
        "updatedAt": "2026-01-06T09:30:00Z",
    }


def test_what_the_source_did_not_send_is_absent(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(ticket(known_customer))
    answer = call(GET, customer_id=known_customer, ticket_id="t1").json
    assert answer.keys() == {
        "id", "ticketNumber", "subject", "status", "priority", "createdAt", "messages", "statusHistory", "updatedAt",
    }  # fmt: skip
    assert answer["messages"] == []


def test_messages_are_told_in_order_of_time(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(ticket(known_customer, messages=[said("c", 3), said("a", 1), said("b", 1), said("d", 0)]))
    messages = call(GET, customer_id=known_customer, ticket_id="t1").json["messages"]
    assert [message["id"] for message in messages] == ["d", "a", "b", "c"]


def test_a_long_conversation_is_whole(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(ticket(known_customer, messages=[said(f"m{n}", n / 24, content="é" * 500) for n in range(150)]))
    messages = call(GET, customer_id=known_customer, ticket_id="t1").json["messages"]
    assert [message["id"] for message in messages] == [f"m{n}" for n in range(150)]


def test_the_history_tells_each_change_of_status_in_order(call: Call, known_customer: str, take_in: TakeIn) -> None:
    steps = ["open", "in_progress", "in_progress", "resolved", "open"]
    versions = [ticket(known_customer, status=status, updatedAt=instant(day)) for day, status in enumerate(steps)]
    take_in(*[versions[place] for place in (4, 0, 3, 1, 2)])
    answer = call(GET, customer_id=known_customer, ticket_id="t1").json
    assert [(change["status"], change["at"][:10]) for change in answer["statusHistory"]] == [
        ("open", "2026-01-01"),
        ("in_progress", "2026-01-02"),
        ("resolved", "2026-01-04"),
        ("open", "2026-01-05"),
    ]
    assert (answer["status"], answer["updatedAt"]) == ("open", "2026-01-05T00:00:00Z")


def test_the_history_is_of_this_ticket_only(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(ticket(known_customer), ticket(known_customer, "t10", status="closed"), ticket(known_customer, "t"))
    history = call(GET, customer_id=known_customer, ticket_id="t1").json["statusHistory"]
    assert [change["status"] for change in history] == ["open"]


def test_an_unknown_ticket_is_404(call: Call, known_customer: str, take_in: TakeIn) -> None:
    other = new_id()
    take_in(customer(other), ticket(other, "theirs"))
    for ticket_id in ("nothing", "theirs"):
        answer = call(GET, customer_id=known_customer, ticket_id=ticket_id)
        assert (answer.status, answer.json["detail"]) == (404, "no such ticket")
    assert call(GET, customer_id=new_id(), ticket_id="theirs").json["detail"] == "no such customer"


@pytest.mark.parametrize("ticket_id", ["A-z_0.9:@b", "ticket@desk", "a:b"])
def test_ids_are_percent_decoded(call: Call, known_customer: str, take_in: TakeIn, ticket_id: str) -> None:
    take_in(ticket(known_customer, ticket_id))
    encoded = "".join(character if character.isalnum() else f"%{ord(character):02x}" for character in ticket_id)
    assert call(GET, customer_id=known_customer, ticket_id=encoded).json["id"] == ticket_id


@pytest.mark.parametrize("ticket_id", ["a%20b", "x" * 65, "%20"])
def test_what_cannot_be_an_id_is_named(call: Call, known_customer: str, ticket_id: str) -> None:
    answer = call(GET, customer_id=known_customer, ticket_id=ticket_id)
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (400, ["ticket_id"])


def test_every_role_sees_the_same(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(ticket(known_customer, messages=[said("m1", 1)]))
    roles = ("viewer", "support", "manager", "admin")
    assert len({call(GET, customer_id=known_customer, ticket_id="t1", role=role).text for role in roles}) == 1


def test_a_ticket_has_an_etag(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(ticket(known_customer))
    etag = call(GET, customer_id=known_customer, ticket_id="t1").headers["ETag"]
    assert call(GET, customer_id=known_customer, ticket_id="t1", headers={"If-None-Match": etag}).status == 304
    take_in(ticket(known_customer, assignee="Grace", updatedAt=instant(1)))
    assert call(GET, customer_id=known_customer, ticket_id="t1", headers={"If-None-Match": etag}).status == 200
