"""GET /api/admin/customers/{customer_id}/timeline"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

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
    removed_method,
    session,
    ticket,
)
from support.gateway import Answer
from support.pages import pages
from support.rights import recorded
from support.timeline import HIDDEN, TYPES, at_day, write

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
LIST = "list_timeline_events"


def events(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.json["events"]
    return found


def ids(answer: Answer) -> list[str]:
    return [event["id"] for event in events(answer)]


def types(answer: Answer) -> list[str]:
    return [event["type"] for event in events(answer)]


@pytest.fixture
def shopper(take_in: TakeIn) -> str:
    """One event of each type, one a day from the first of January 2026; registered long before."""
    customer_id = new_id()
    take_in(
        customer(customer_id),
        order(customer_id, placedAt=instant(0)),
        ticket(customer_id, createdAt=instant(1)),
        points(customer_id, "p1", 5, at=instant(2)),
        message(customer_id, sentAt=instant(3)),
        payment(customer_id, at=instant(4)),
        session(customer_id),
    )
    for day, kind in enumerate(["note:team", "note:managers", "tag", "segment", "score", "action"], start=5):
        write(customer_id, kind, at_day(day))
    return customer_id


EVERYTHING = [
    "action",
    "score",
    "segment",
    "tag",
    "note",
    "note",
    "payment",
    "marketing",
    "loyalty",
    "support",
    "order",
    "account",
]


# ---------------------------------------------------------------- What it tells


def test_the_newest_event_of_any_type_comes_first(call: Call, shopper: str) -> None:
    answer = call(LIST, customer_id=shopper)
    assert types(answer) == EVERYTHING
    assert answer.json["hasMore"] is False
    assert answer.json.keys() == {"events", "hasMore", "updatedAt"}


def test_an_event_says_what_when_and_the_details(call: Call, shopper: str, take_in: TakeIn) -> None:
    take_in(order(shopper, "o2", event_id="e2", placedAt=instant(20), total=Decimal("10.5"), status="pending"))
    answer = call(LIST, customer_id=shopper, query={"limit": "1"})
    assert events(answer) == [
        {
            "id": "e2",
            "type": "order",
            "title": "Order N-o2 placed",
            "description": "1 item, pending",
            "timestamp": "2026-01-21T00:00:00Z",
            "metadata": {
                "orderId": "o2",
                "orderNumber": "N-o2",
                "status": "pending",
                "itemsCount": 1,
                "amounts": {"currency": "EUR", "total": Decimal("10.50")},
            },
        }
    ]
    assert '"amounts":{"currency":"EUR","total":10.50}' in answer.text
    assert answer.json["hasMore"] is True


def test_an_event_without_details_has_none(call: Call, known_customer: str) -> None:
    write(known_customer, "score", at_day(1))
    assert "metadata" not in events(call(LIST, customer_id=known_customer))[0]


def test_a_change_of_status_is_an_event_at_its_own_time(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(
        order(known_customer, status="pending", placedAt=instant(1), updatedAt=instant(1)),
        order(known_customer, status="shipped", placedAt=instant(1), updatedAt=instant(3)),
        ticket(known_customer, createdAt=instant(2), updatedAt=instant(2)),
        ticket(known_customer, createdAt=instant(2), status="closed", updatedAt=instant(4)),
        customer(known_customer, status="suspended", updatedAt=instant(5)),
        account(known_customer, tier="silver", updatedAt=instant(6)),
        account(known_customer, tier="gold", updatedAt=instant(7)),
        payment(known_customer, status="pending", at=instant(8), updatedAt=instant(8)),
        payment(known_customer, status="failed", at=instant(8), updatedAt=instant(9)),
    )
    shown = [
        (event["timestamp"][:10], event["type"], event.get("metadata", {}).get("before"), event["metadata"]["after"])
        for event in events(call(LIST, customer_id=known_customer))
        if "after" in event["metadata"]
    ]
    assert shown == [
        ("2026-01-10", "payment", "pending", "failed"),
        ("2026-01-08", "loyalty", "silver", "gold"),
        ("2026-01-06", "account", "active", "suspended"),
        ("2026-01-05", "support", "open", "closed"),
        ("2026-01-04", "order", "pending", "shipped"),
    ]


def test_what_changed_from_nothing_says_so(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(account(known_customer, tier=None), account(known_customer, tier="gold", updatedAt=instant(1)))
    change = events(call(LIST, customer_id=known_customer))[0]["metadata"]
    assert change == {"field": "tier", "before": None, "after": "gold"}


def test_a_late_version_sets_the_events_right(call: Call, known_customer: str, take_in: TakeIn) -> None:
    for day, status in ((1, "pending"), (3, "delivered"), (2, "shipped")):
        take_in(order(known_customer, status=status, placedAt=instant(1), updatedAt=instant(day)))
    changes = [event["metadata"] for event in events(call(LIST, customer_id=known_customer, query={"type": "order"}))]
    assert [(change.get("before"), change.get("after")) for change in changes] == [
        ("shipped", "delivered"),
        ("pending", "shipped"),
        (None, None),
    ]


def test_a_customer_who_did_nothing_has_registered(call: Call, known_customer: str) -> None:
    answer = call(LIST, customer_id=known_customer)
    assert [(event["type"], event["title"]) for event in events(answer)] == [("account", "Registered")]
    assert call(LIST, customer_id=known_customer, query={"type": "order"}).text == (
        f'{{"events":[],"hasMore":false,"updatedAt":"{answer.json["updatedAt"]}"}}'
    )


def test_it_is_as_fresh_as_the_latest_source(call: Call, shopper: str, take_in: TakeIn) -> None:
    take_in(ticket(shopper, "t2", createdAt=instant(1), updatedAt=instant(90)))
    assert call(LIST, customer_id=shopper).json["updatedAt"] == "2026-04-01T00:00:00Z"


# ---------------------------------------------------------------- Filters


@pytest.mark.parametrize("name", TYPES)
def test_a_type_is_a_filter(call: Call, shopper: str, name: str) -> None:
    assert types(call(LIST, customer_id=shopper, query={"type": name})) == [name] * EVERYTHING.count(name)


@pytest.mark.parametrize(
    "text",
    ["order,support", "support,order", "note,payment,account", " order , tag ", "order,order,score", ",".join(TYPES)],
)
def test_several_types_are_merged_by_time(call: Call, shopper: str, text: str) -> None:
    asked = {name.strip() for name in text.split(",")}
    assert types(call(LIST, customer_id=shopper, query={"type": text})) == [
        each for each in EVERYTHING if each in asked
    ]


@pytest.mark.parametrize("text", ["", ",", "order,", "orders", "order,unknown", "order;tag", "note:managers", "Order"])
def test_an_unknown_type_is_named(call: Call, shopper: str, text: str) -> None:
    answer = call(LIST, customer_id=shopper, query={"type": text})
    assert (answer.status, [error["field"] for error in answer.json["errors"]]) == (400, ["type"])
    assert "order, payment" in answer.json["detail"]


@pytest.mark.parametrize("name", [None, "tag", "tag,score"])
@pytest.mark.parametrize(
    ("bounds", "days"),
    [
        ({"from": "2026-01-03"}, [3, 2]),
        ({"to": "2026-01-02"}, [1, 0]),
        ({"from": "2026-01-02", "to": "2026-01-03"}, [2, 1]),
        ({"from": "2026-01-03T00:00:00Z", "to": "2026-01-03T00:00:00Z"}, [2]),
        ({"from": "2026-01-03T00:00:01Z", "to": "2026-01-03T23:59:59Z"}, []),
        ({"from": "2026-01-03T02:00:00+02:00", "to": "2026-01-04T01:59:59+02:00"}, [2]),
        ({"from": "2030-01-01"}, []),
        ({"to": "1999-12-31"}, []),
    ],
)
def test_both_bounds_of_a_range_are_in_it(
    call: Call, known_customer: str, name: str | None, bounds: dict[str, str], days: list[int]
) -> None:
    written = {write(known_customer, "tag", at_day(day)): day for day in range(4)}
    answer = call(LIST, customer_id=known_customer, query=bounds | ({"type": name} if name else {}))
    assert [written[each] for each in ids(answer) if each in written] == days


def test_a_fraction_of_a_second_counts(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(order(known_customer, placedAt="2026-01-03T12:00:00.75Z"))
    for name in ({}, {"type": "order"}):
        for end, expected in (("00Z", 1), ("00.5Z", 0), ("00.75Z", 1), ("00.750001Z", 1)):
            query = name | {"from": "2026-01-01", "to": f"2026-01-03T12:00:{end}"}
            assert len(ids(call(LIST, customer_id=known_customer, query=query))) == expected
        for start, expected in (("00Z", 1), ("00.75Z", 1), ("00.750001Z", 0), ("01Z", 0)):
            query = name | {"from": f"2026-01-03T12:00:{start}"}
            assert len(ids(call(LIST, customer_id=known_customer, query=query))) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "from"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": ""}, "cursor"),
    ],
)
def test_a_parameter_out_of_range_is_named(call: Call, shopper: str, query: dict[str, str], field: str) -> None:
    answer = call(LIST, customer_id=shopper, query=query)
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert [error["field"] for error in answer.json["errors"]] == [field]


# ---------------------------------------------------------------- Pages


@pytest.mark.parametrize("query", [{}, {"type": "order,tag,note"}, {"from": "2026-01-03"}])
@pytest.mark.parametrize("limit", [1, 2, 5, 12, 100])
def test_pages_join_to_the_whole_list(call: Call, shopper: str, limit: int, query: dict[str, str]) -> None:
    whole = ids(call(LIST, customer_id=shopper, query={"limit": "100"} | query))
    found: list[str] = []
    for page in pages(call, LIST, {"limit": str(limit)} | query, customer_id=shopper):
        assert page["hasMore"] is ("nextCursor" in page)
        assert len(page["events"]) == min(limit, len(whole) - len(found))
        found += [event["id"] for event in page["events"]]
    assert found == whole


def test_twenty_is_the_page_when_nobody_says(call: Call, known_customer: str) -> None:
    for day in range(21):
        write(known_customer, "tag", at_day(day))
    assert len(ids(call(LIST, customer_id=known_customer))) == 20


def test_events_of_one_instant_have_one_order(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(*(order(known_customer, f"o{n}", event_id=new_id("e")) for n in range(4)))
    take_in(*(ticket(known_customer, f"t{n}", event_id=new_id("e")) for n in range(4)))
    for kind in ("tag", "note:team", "payment"):
        write(known_customer, kind, at_day(0))
    whole = ids(call(LIST, customer_id=known_customer))
    assert whole[:-1] == sorted(whole[:-1], reverse=True)
    filtered = ids(call(LIST, customer_id=known_customer, query={"type": "tag,order,support,note,payment"}))
    assert filtered == whole[:-1]
    paged = pages(call, LIST, {"limit": "3"}, customer_id=known_customer)
    assert [event["id"] for page in paged for event in page["events"]] == whole


@pytest.mark.parametrize("role", ["viewer", "admin"])
@pytest.mark.parametrize("query", [{}, {"type": "tag,payment"}])
def test_a_page_reads_no_more_than_a_page(
    call: Call, known_customer: str, take_in: TakeIn, role: str, query: dict[str, str]
) -> None:
    take_in(*(points(known_customer, f"p{n}", 1, at=instant(n)) for n in range(40)))
    with recorded() as calls:
        answer = call(LIST, customer_id=known_customer, role=role, query=query | {"limit": "3"})
    assert answer.status == 200
    queries = [arguments for operation, arguments in calls if operation == "dynamodb:Query"]
    assert len(queries) <= len(TYPES)
    assert all(arguments["Limit"] <= 5 for arguments in queries)
    assert all(arguments["ConsistentRead"] for arguments in queries)


# ---------------------------------------------------------------- Cursors


@pytest.mark.parametrize(
    "foreign",
    [
        {"type": "order"},
        {"type": "tag,order"},
        {"from": "2026-01-01"},
        {"to": "2026-12-31"},
        {"type": "order,support", "to": "2026-12-31"},
    ],
)
def test_a_cursor_of_another_list_is_refused(call: Call, shopper: str, foreign: dict[str, str]) -> None:
    query = {"type": "order,support", "limit": "1"}
    cursor = call(LIST, customer_id=shopper, query=query).json["nextCursor"]
    answer = call(LIST, customer_id=shopper, query=foreign | {"cursor": cursor})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "cursor")


def test_a_cursor_is_of_one_customer_and_of_the_timeline(call: Call, shopper: str, take_in: TakeIn) -> None:
    other = new_id()
    take_in(customer(other), order(other, "x1"), order(other, "x2"))
    cursors = [
        call(LIST, customer_id=other, query={"limit": "1"}).json["nextCursor"],
        call("list_orders", customer_id=other, query={"limit": "1"}).json["nextCursor"],
    ]
    mine = call(LIST, customer_id=shopper, query={"limit": "1"}).json["nextCursor"]
    cursors += [mine[:-1], mine[1:], mine + "A", mine[:-3] + "AAA", mine.swapcase()]
    for cursor in cursors:
        answer = call(LIST, customer_id=shopper, query={"cursor": cursor})
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, "cursor")


def test_the_order_in_which_types_are_named_does_not_matter(call: Call, shopper: str) -> None:
    cursor = call(LIST, customer_id=shopper, query={"type": "order,support", "limit": "1"}).json["nextCursor"]
    again = call(LIST, customer_id=shopper, query={"type": "support, order,order", "cursor": cursor})
    assert types(again) == ["order"]


def test_a_cursor_shows_another_role_what_it_may_see_from_there(call: Call, shopper: str) -> None:
    """The cursor stands at an event the viewer does not even know of."""
    page = call(LIST, customer_id=shopper, role="admin", query={"limit": "7"})
    assert types(page)[-1] == "payment"
    rest = call(LIST, customer_id=shopper, role="viewer", query={"cursor": page.json["nextCursor"]})
    assert types(rest) == ["loyalty", "support", "order", "account"]
    page = call(LIST, customer_id=shopper, role="viewer", query={"limit": "4"})
    assert types(page)[-1] == "tag"
    rest = call(LIST, customer_id=shopper, role="admin", query={"cursor": page.json["nextCursor"]})
    assert types(rest) == EVERYTHING[4:]


# ---------------------------------------------------------------- Who sees what


@pytest.mark.parametrize("role", HIDDEN)
def test_a_role_sees_its_events_in_full_pages(call: Call, shopper: str, role: str) -> None:
    visible = [each for each in EVERYTHING if each not in HIDDEN[role]]
    notes = sum(f"note:{audience}" not in HIDDEN[role] for audience in ("team", "managers"))
    shown = types(call(LIST, customer_id=shopper, role=role))
    assert [each for each in shown if each != "note"] == [each for each in visible if each != "note"]
    assert shown.count("note") == notes
    sizes = [len(page["events"]) for page in pages(call, LIST, {"limit": "2"}, customer_id=shopper, role=role)]
    assert set(sizes[:-1]) == {2}


@pytest.mark.parametrize("text", ["payment", "marketing", "note", "note,payment,marketing"])
def test_only_types_one_may_not_see_are_an_empty_list(call: Call, shopper: str, text: str) -> None:
    answer = call(LIST, customer_id=shopper, role="viewer", query={"type": text})
    assert (events(answer), answer.json["hasMore"], "nextCursor" in answer.json) == ([], False, False)
    mixed = call(LIST, customer_id=shopper, role="viewer", query={"type": f"{text},order"})
    assert types(mixed) == ["order"]


def test_support_sees_the_teams_notes_and_not_the_managers(call: Call, shopper: str) -> None:
    query = {"type": "note"}
    team = ids(call(LIST, customer_id=shopper, role="support", query=query))
    both = ids(call(LIST, customer_id=shopper, role="manager", query=query))
    assert len(team) == 1
    assert both == [both[0], *team]


EMAILS = ["quux.before@example.com", "quux.after@example.com"]
PHONES = ["+44 20 7946 7421", "+44 20 7946 8532"]
STREETS = ["7421 Unmistakable Street", "8532 Elsewhere Road"]
AMOUNTS = ["7421.01", "8532.02", "2865.05", "9643.03"]


@pytest.fixture
def changed(take_in: TakeIn) -> str:
    """Somebody whose every sensitive field has changed."""
    customer_id = new_id()
    addresses = [[{"id": "a1", "line1": line, "city": "York", "country": "GB", "phone": PHONES[0]}] for line in STREETS]
    take_in(
        customer(customer_id, name="W. Quux", email=EMAILS[0], phone=PHONES[0], addresses=addresses[0]),
        customer(
            customer_id,
            name="W. Quux-Grault",
            email=EMAILS[1],
            phone=PHONES[1],
            addresses=addresses[1],
            optIns={"email": False, "sms": True, "push": True},
            updatedAt=instant(1),
        ),
        order(customer_id, total=Decimal(AMOUNTS[0]), shippingAddress=STREETS[0], paymentMethod="visa quux"),
        order(
            customer_id,
            total=Decimal(AMOUNTS[1]),
            refundedAmount=Decimal(AMOUNTS[2]),
            shippingAddress=STREETS[1],
            updatedAt=instant(2),
        ),
        payment(customer_id, amount=Decimal(AMOUNTS[3]), status="pending"),
        payment(customer_id, amount=Decimal(AMOUNTS[3]), status="succeeded", updatedAt=instant(3)),
        method(customer_id, updatedAt=instant(1)),
        method(customer_id, last4="0005", updatedAt=instant(4)),
        removed_method(customer_id, updatedAt=instant(5)),
        message(customer_id, openedAt=instant(1), clickedAt=instant(2)),
        ticket(customer_id, assignee="Bob", description=STREETS[0]),
        account(customer_id, referralCode="QUUX-REFERS"),
        points(customer_id, "p1", 5, description=STREETS[0]),
    )
    return customer_id


def test_nobody_reads_money_or_contact_data_in_a_title_or_description(call: Call, changed: str) -> None:
    words = " ".join(event["title"] + event["description"] for event in events(call(LIST, customer_id=changed)))
    assert not [secret for secret in [*EMAILS, *PHONES, *STREETS, *AMOUNTS, "visa"] if secret in words]


def test_a_viewer_reads_no_money_and_no_contact_data_at_all(call: Call, changed: str) -> None:
    answer = call(LIST, customer_id=changed, role="viewer")
    secrets = [*EMAILS, *PHONES, *STREETS, *AMOUNTS, "4242", "0005", "visa", "Spring", "REFERS", "York"]
    assert not [secret for secret in secrets if secret in answer.text]
    for event in events(answer):
        assert not {"amounts", "contact"} & event.get("metadata", {}).keys()
    assert {event["metadata"].get("field") for event in events(answer) if event["type"] == "account"} >= {
        "name",
        "email",
        "phone",
        "addresses",
    }


@pytest.mark.parametrize("role", ["support", "manager", "admin"])
def test_support_and_up_read_amounts_and_contact_data(call: Call, changed: str, role: str) -> None:
    answer = call(LIST, customer_id=changed, role=role, query={"limit": "100"})
    amounts = [event["metadata"]["amounts"] for event in events(answer) if "amounts" in event.get("metadata", {})]
    assert sorted(amounts, key=str) == sorted(
        [
            {"currency": "EUR", "total": Decimal("7421.01")},
            {"currency": "EUR", "before": Decimal("7421.01"), "after": Decimal("8532.02")},
            {"currency": "EUR", "before": Decimal("0.00"), "after": Decimal("2865.05")},
            {"currency": "EUR", "amount": Decimal("9643.03")},
            {"currency": "EUR", "amount": Decimal("9643.03")},
        ],
        key=str,
    )
    contact = {
        event["metadata"]["field"]: event["metadata"]["contact"]
        for event in events(answer)
        if "contact" in event.get("metadata", {})
    }
    assert contact["email"] == {"before": EMAILS[0], "after": EMAILS[1]}
    assert contact["phone"] == {"before": PHONES[0], "after": PHONES[1]}
    assert [contact["addresses"][when][0]["line1"] for when in ("before", "after")] == STREETS


@pytest.mark.parametrize(
    ("currency", "sent", "told"),
    [("JPY", "100", "100"), ("KWD", "1.5", "1.500"), ("EUR", "0.1", "0.10"), ("EUR", "2.005", "2.01")],
)
def test_an_amount_has_the_decimals_of_its_currency(
    call: Call, known_customer: str, take_in: TakeIn, currency: str, sent: str, told: str
) -> None:
    take_in(
        payment(known_customer, amount=Decimal(sent), currency=currency),
        order(known_customer, total=Decimal(sent), currency=currency, exchangeRate=Decimal("0.5")),
    )
    text = call(LIST, customer_id=known_customer).text
    assert f'"amounts":{{"currency":"{currency}","amount":{told}}}' in text
    assert f'"amounts":{{"currency":"{currency}","total":{told}}}' in text


def test_an_unknown_customer_is_404_for_whoever_asks(call: Call) -> None:
    for role in HIDDEN:
        assert call(LIST, customer_id=new_id(), role=role, query={"type": "payment"}).status == 404


def test_an_event_of_another_customer_is_not_listed(call: Call, shopper: str, known_customer: str) -> None:
    assert types(call(LIST, customer_id=known_customer)) == ["account"]


def test_an_encoded_id_is_found(call: Call, take_in: TakeIn) -> None:
    customer_id = f"{new_id()}:a@b"
    take_in(customer(customer_id))
    assert types(call(LIST, customer_id=customer_id.replace(":", "%3A").replace("@", "%40"))) == ["account"]


def test_the_list_has_an_etag(call: Call, shopper: str, take_in: TakeIn) -> None:
    etag = call(LIST, customer_id=shopper).headers["ETag"]
    assert call(LIST, customer_id=shopper, headers={"If-None-Match": etag}).status == 304
    take_in(order(shopper, "late", placedAt=instant(-300)))
    assert call(LIST, customer_id=shopper, headers={"If-None-Match": etag}).status == 200
