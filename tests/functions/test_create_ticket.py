"""POST /api/admin/customers/{customer_id}/actions/create-ticket"""

from collections.abc import Callable
from typing import Any

import pytest

from support.actions import echo, open_ticket, outbox, recounted, told, told_later
from support.builders import instant, new_id
from support.collection import collection, totals
from support.faults import refused, watch
from support.gateway import Answer
from support.repeated import forget_keys
from support.rights import recorded
from support.scores import messages

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("event_bus", "recompute_queue")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]


def support(call: Call, customer_id: str) -> Any:
    return call("list_tickets", customer_id=customer_id).json


def asked_for(call: Call, customer_id: str) -> dict[str, Any]:
    """What the source is asked for by a ticket."""
    with recorded() as calls:
        assert open_ticket(call, customer_id).status == 201
    (event,) = messages(calls)
    return event


def test_a_ticket_is_at_once_in_its_section_and_in_the_timeline(call: Call, known_customer: str) -> None:
    answer = open_ticket(call, known_customer, priority="urgent")
    assert answer.status == 201
    made = answer.json["ticket"]
    assert (made["status"], made["priority"], made["description"]) == ("open", "urgent", "Promised for last Friday.")
    assert call("get_ticket", customer_id=known_customer, ticket_id=made["id"]).json == made
    page = support(call, known_customer)
    assert ([row["id"] for row in page["tickets"]], page["totalTickets"], page["openTickets"]) == ([made["id"]], 1, 1)
    assert page["updatedAt"] == made["createdAt"]
    (fact,) = told(call, known_customer, "support")
    assert fact["title"] == f"Ticket {made['ticketNumber']} opened"
    (action,) = told(call, known_customer)
    assert (action["title"], action["description"]) == ("Ticket created", "Parcel has not come")
    assert action["metadata"]["by"] == {"id": "sub-support", "name": "support@example.com"}
    assert "support" in collection(known_customer)["HEAD#COMMIT"]["changed"]["S"]
    assert not recounted(known_customer)


def test_the_priority_is_medium_unless_it_is_said(call: Call, known_customer: str) -> None:
    assert open_ticket(call, known_customer).json["ticket"]["priority"] == "medium"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"subject": "two\nlines"}, "subject"),
        ({"subject": "4111111111111111"}, "subject"),
        ({"description": " "}, "description"),
        ({"description": "x" * 2001}, "description"),
        ({"description": "Her card is 4111-1111-1111-1111."}, "description"),
        ({"priority": "yesterday"}, "priority"),
        ({"status": "closed"}, "status"),
    ],
)
def test_a_request_that_means_nothing_names_the_field(
    call: Call, known_customer: str, body: dict[str, Any], field: str
) -> None:
    answer = open_ticket(call, known_customer, **body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)
    assert support(call, known_customer)["totalTickets"] == 0


def test_a_repeated_request_makes_one_ticket(call: Call, known_customer: str) -> None:
    first = open_ticket(call, known_customer, "k1")
    forget_keys()
    assert open_ticket(call, known_customer, "k1").text == first.text
    assert support(call, known_customer)["totalTickets"] == 1


def test_the_source_is_asked_for_it_and_again_if_the_bus_did_not_take_it(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        watch(patched).fail("PutEvents", refused("InternalFailure", "PutEvents"), times=9)
        made = open_ticket(call, known_customer).json["ticket"]
    assert len(outbox(known_customer)) == 1
    (event,) = told_later(invoke, known_customer)
    assert (event["type"], event["eventId"], event["requestedBy"]) == (
        "support.ticket.requested",
        made["id"],
        "sub-support",
    )
    assert event["data"]["ticketId"] == made["id"]
    assert event["data"]["description"] == "Promised for last Friday."


@pytest.mark.parametrize("days", [-3000, 3000], ids=["long before", "long after"])
def test_the_sources_ticket_replaces_ours_and_is_counted_once(
    call: Call, known_customer: str, take_in: TakeIn, days: int
) -> None:
    event = asked_for(call, known_customer)
    own = echo(event, new_id("e"), number="T-9", status="resolved", updatedAt=instant(days), resolvedAt=instant(400))
    assert take_in(own) == ["applied"]
    page = support(call, known_customer)
    assert [(row["ticketNumber"], row["status"]) for row in page["tickets"]] == [("T-9", "resolved")]
    assert (page["totalTickets"], page["openTickets"]) == (1, 0)
    assert totals(collection(known_customer), "HEAD#SUPPORT")["tickets"] == 1
    whole = call("get_ticket", customer_id=known_customer, ticket_id=event["data"]["ticketId"]).json
    assert [each["status"] for each in whole["statusHistory"]] == ["open", "resolved"]
    assert whole["statusHistory"][0]["at"] == event["occurredAt"][:19] + "Z"
    assert sorted(each["title"].split()[-1] for each in told(call, known_customer, "support")) == ["opened", "resolved"]
    assert not recounted(known_customer)


def test_an_echo_that_says_the_same_changes_nothing_to_see(call: Call, known_customer: str, take_in: TakeIn) -> None:
    event = asked_for(call, known_customer)
    before = told(call, known_customer, "support,action")
    take_in(echo(event, new_id("e")))
    assert told(call, known_customer, "support,action") == before
    assert support(call, known_customer)["totalTickets"] == 1
    assert not recounted(known_customer)
