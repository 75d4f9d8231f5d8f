"""GET /api/admin/customers/{customer_id}/support"""

from collections.abc import Callable
from decimal import Decimal

import pytest

from support.builders import customer, instant, new_id, ticket
from support.gateway import Answer
from support.pages import pages

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
LIST = "list_tickets"
STATUSES = ["open", "in_progress", "waiting", "resolved", "closed"]


@pytest.fixture
def caller_in(take_in: TakeIn) -> str:
    """Somebody with ten tickets, one a day; of each status two, the resolved and closed ones after 6 hours."""
    customer_id = new_id()
    take_in(customer(customer_id))
    for n in range(10):
        resolved = {"resolvedAt": instant(n + 0.25)} if n % 5 > 2 else {}
        take_in(ticket(customer_id, f"t{n}", status=STATUSES[n % 5], createdAt=instant(n), **resolved))
    return customer_id


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    return [row["id"] for row in answer.json["tickets"]]


def test_a_customer_without_tickets(call: Call, known_customer: str) -> None:
    assert call(LIST, customer_id=known_customer).text == (
        '{"tickets":[],"totalTickets":0,"openTickets":0,"averageResolutionTime":null,"updatedAt":null}'
    )


def test_the_newest_ticket_comes_first_with_what_a_row_shows(call: Call, known_customer: str, take_in: TakeIn) -> None:
    whole = {
        "number": "2026-17",
        "subject": "Broken cup",
        "status": "resolved",
        "priority": "urgent",
        "category": "Damage",
        "description": "It came in pieces.",
        "createdAt": "2026-01-05T10:00:00.5+01:00",
        "resolvedAt": "2026-01-06T09:00:00Z",
    }
    take_in(ticket(known_customer, "t1"), ticket(known_customer, "t2", **whole))
    answer = call(LIST, customer_id=known_customer)
    assert answer.json["tickets"] == [
        {
            "id": "t2",
            "ticketNumber": "2026-17",
            "subject": "Broken cup",
            "status": "resolved",
            "priority": "urgent",
            "category": "Damage",
            "createdAt": "2026-01-05T09:00:00Z",
            "resolvedAt": "2026-01-06T09:00:00Z",
        },
        {
            "id": "t1",
            "ticketNumber": "T-t1",
            "subject": "Where is my parcel?",
            "status": "open",
            "priority": "high",
            "createdAt": "2026-01-01T00:00:00Z",
        },
    ]


@pytest.mark.parametrize("query", [{}, {"status": "waiting"}, {"limit": "1"}, {"status": "closed", "limit": "1"}])
def test_the_three_figures_are_the_customers_whatever_is_listed(
    call: Call, caller_in: str, query: dict[str, str]
) -> None:
    answer = call(LIST, customer_id=caller_in, query=query)
    assert '"totalTickets":10,"openTickets":6,"averageResolutionTime":6.0,' in answer.text


def test_the_average_is_over_resolved_and_closed_tickets_in_hours(
    call: Call, known_customer: str, take_in: TakeIn
) -> None:
    minutes = 1 / (24 * 60)
    take_in(
        ticket(known_customer, "t1", status="resolved", resolvedAt=instant(90 * minutes)),
        ticket(known_customer, "t2", status="closed", resolvedAt=instant(27 * minutes)),
        ticket(known_customer, "t3", status="closed", resolvedAt=instant(0)),
        ticket(known_customer, "again", status="open", resolvedAt=instant(50)),
        ticket(known_customer, "never", status="closed"),
    )
    # 117 minutes of three tickets: 0.65 hours, half-up
    assert call(LIST, customer_id=known_customer).json["averageResolutionTime"] == Decimal("0.7")


def test_there_is_no_average_while_nothing_was_resolved(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(ticket(known_customer, resolvedAt=instant(1)), ticket(known_customer, updatedAt=instant(2)))
    assert call(LIST, customer_id=known_customer).json["averageResolutionTime"] is None


@pytest.mark.parametrize("status", STATUSES)
def test_only_tickets_of_a_status(call: Call, caller_in: str, status: str) -> None:
    place = STATUSES.index(status)
    assert ids(call(LIST, customer_id=caller_in, query={"status": status})) == [f"t{place + 5}", f"t{place}"]


def test_a_ticket_moves_to_the_list_of_its_new_status(call: Call, caller_in: str, take_in: TakeIn) -> None:
    take_in(ticket(caller_in, "t5", status="waiting", createdAt=instant(5), updatedAt=instant(20)))
    assert ids(call(LIST, customer_id=caller_in, query={"status": "waiting"})) == ["t7", "t5", "t2"]
    assert ids(call(LIST, customer_id=caller_in, query={"status": "open"})) == ["t0"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "new"}, "status"),
        ({"status": ""}, "status"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
    ],
)
def test_what_is_not_valid_is_named(call: Call, caller_in: str, query: dict[str, str], field: str) -> None:
    answer = call(LIST, customer_id=caller_in, query=query)
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (400, [field])


@pytest.mark.parametrize("limit", [1, 3, 9, 10, 11])
def test_pages_join_to_the_whole_list(call: Call, caller_in: str, limit: int) -> None:
    found = list(pages(call, LIST, {"limit": str(limit)}, customer_id=caller_in))
    assert [row["id"] for page in found for row in page["tickets"]] == [f"t{n}" for n in range(9, -1, -1)]
    assert len(found) == -(-10 // limit)


def test_every_older_ticket_comes_once_while_others_arrive(call: Call, caller_in: str, take_in: TakeIn) -> None:
    found = []
    for number, page in enumerate(pages(call, LIST, {"limit": "2"}, customer_id=caller_in)):
        found += [row["id"] for row in page["tickets"]]
        if number < 5:
            take_in(ticket(caller_in, f"new{number}", createdAt=instant(50 + number)))
            take_in(ticket(caller_in, f"old{number}", createdAt=instant(-50 - number)))
    assert [each for each in found if each.startswith("t")] == [f"t{n}" for n in range(9, -1, -1)]
    assert len(found) == len(set(found))
    assert not [each for each in found if each.startswith("new")]


def test_tickets_of_the_same_instant_come_once(call: Call, known_customer: str, take_in: TakeIn) -> None:
    names = [f"{letter}{n}" for letter in "aB:@._-" for n in range(3)]
    take_in(*(ticket(known_customer, name) for name in names))
    found = [
        row["id"] for page in pages(call, LIST, {"limit": "4"}, customer_id=known_customer) for row in page["tickets"]
    ]
    assert sorted(found) == sorted(names)


def test_a_cursor_of_another_list_is_refused(call: Call, caller_in: str, take_in: TakeIn) -> None:
    other = new_id()
    take_in(customer(other), ticket(other, "x1"), ticket(other, "x2"))
    cursor = call(LIST, customer_id=caller_in, query={"limit": "1"}).json["nextCursor"]
    for customer_id, query in [(other, {}), (caller_in, {"status": "open"})]:
        answer = call(LIST, customer_id=customer_id, query=query | {"cursor": cursor})
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, "cursor")
    assert ids(call(LIST, customer_id=caller_in, query={"cursor": cursor}))[0] == "t8"


def test_a_ticket_of_another_customer_is_not_listed(call: Call, caller_in: str, known_customer: str) -> None:
    assert ids(call(LIST, customer_id=known_customer)) == []


def test_an_unknown_customer_is_404_also_with_a_filter(call: Call) -> None:
    answer = call(LIST, customer_id=new_id(), query={"status": "open"})
    assert (answer.status, answer.json["detail"]) == (404, "no such customer")


def test_every_role_sees_the_same(call: Call, caller_in: str) -> None:
    assert len({call(LIST, customer_id=caller_in, role=role).text for role in ("viewer", "support", "admin")}) == 1


def test_the_section_says_when_support_last_wrote(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(ticket(known_customer, updatedAt=instant(7)), ticket(known_customer, "t2", updatedAt=instant(3)))
    assert call(LIST, customer_id=known_customer).json["updatedAt"] == "2026-01-08T00:00:00Z"


def test_the_list_has_an_etag(call: Call, caller_in: str, take_in: TakeIn) -> None:
    etag = call(LIST, customer_id=caller_in).headers["ETag"]
    assert call(LIST, customer_id=caller_in, headers={"If-None-Match": etag}).status == 304
    take_in(ticket(caller_in, "t0", status="closed", updatedAt=instant(30)))
    assert call(LIST, customer_id=caller_in, headers={"If-None-Match": etag}).status == 200
