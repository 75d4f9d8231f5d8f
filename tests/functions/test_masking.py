"""No answer of a read shows a role more than it may see: unmistakable values are planted and looked for everywhere."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from customer360.notes.schemas import Visibility
from customer360.scoring.assessment import assess
from customer360.scoring.inputs import History, Inputs
from customer360.scoring.parameters import DEFAULT
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
from support.finding import make_findable
from support.gateway import Answer, call_function
from support.makers import a_job, a_note, a_tag, an_export, give_tag, keep_scores
from support.template import functions

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("pause_caches", "export_bucket")]

Call = Callable[..., Answer]

EMAIL, PHONE, DELIVERY_PHONE = "wilhelmina.quux@example.com", "+44 20 7946 7421", "+44 20 7946 8532"
OLD_EMAIL, OLD_PHONE = "zebulon.quux@example.com", "+44 20 7946 2976"
STREETS = ["7421 Unmistakable Street", "Flat 8532", "9643 Elsewhere Road", "Back door 1754"]
PHONES = [PHONE, DELIVERY_PHONE, OLD_PHONE]
CONTACT = [EMAIL, OLD_EMAIL, "wilhelmina", "zebulon", *STREETS, *(re.sub(r"\D", "", phone)[:-4] for phone in PHONES)]
TEAM_NOTES = ["What the team 4711 knows", "What the team 5822 knew before"]
MANAGERS_NOTES = ["What managers 6933 know", "What managers 7044 knew before"]
NOTES: dict[Visibility, list[str]] = {"team": TEAM_NOTES, "managers": MANAGERS_NOTES}

# One order's own amounts, in its currency: for those who may see payments.
AMOUNTS = {
    name: Decimal(amount)
    for name, amount in {
        "total": "7421.01",
        "discount": "8532.02",
        "shipping": "9643.03",
        "tax": "1754.04",
        "refundedAmount": "2865.05",
        "unitPrice": "3976.06",
    }.items()
}
# What they come to: for those who may see financials.
SUMS = {
    "lifetimeValue": Decimal("14842.02"),
    "refundedAmount": Decimal("5730.10"),
    "revenue": Decimal("7952.12"),
    "criteria": Decimal("6543.21"),
    "spend": Decimal("4087.23"),
    "filter": Decimal("5198.24"),
}
PAYMENT = "visa unmistakable"
# Names no viewer meets in any answer: of money, and of what marketing and payments are for.
MONEY_NAMES = {*AMOUNTS, *SUMS, "totalSpent", "averageOrderValue", "totalRevenue", "amount", "amounts", "paymentMethod"}
SUM_NAMES = {"lifetimeValue", "totalSpent", "averageOrderValue", "totalRevenue", "revenue", "criteria"}

LISTS = {"list_orders", "list_tickets", "list_payments", "list_timeline_events", "list_notes"}
READS = sorted(
    name
    for name, properties in functions().items()
    for event in properties["Events"].values()
    if event["Type"] == "Api" and event["Properties"]["Method"] == "GET"
)


@pytest.fixture
def shopper(take_in: Callable[..., Any]) -> str:
    """Somebody with all of it, in every source."""
    from customer360.catalog.table import SEGMENTS, SegmentItem
    from customer360.storage.items import AssignmentItem
    from customer360.storage.keys import SEGMENT, partition

    customer_id, segment = new_id(), new_id("segment")
    places = [
        {"id": "a1", "line1": STREETS[0], "line2": STREETS[1], "city": "London", "country": "GB", "phone": PHONE},
        {"id": "a2", "line1": STREETS[2], "city": "Paris", "country": "FR", "isPrimary": True},
    ]
    lines = [{"name": "Tea", "category": "Drinks", "quantity": 1, "unitPrice": AMOUNTS["unitPrice"]}]
    sent: dict[str, Any] = {name: amount for name, amount in AMOUNTS.items() if name != "unitPrice"}
    sent["lines"] = lines
    whole = {"line1": STREETS[2], "line2": STREETS[3], "city": "Paris", "phone": DELIVERY_PHONE}
    before: dict[str, Any] = {
        "email": OLD_EMAIL,
        "phone": OLD_PHONE,
        "optIns": {"email": False, "sms": True, "push": True},
    }
    take_in(
        customer(customer_id, name="W. Quux", addresses=places[:1], updatedAt=instant(-200), **before),
        customer(customer_id, name="W. Quux", email=EMAIL, phone=PHONE, addresses=places),
        order(customer_id, "o1", shippingAddress=whole, paymentMethod=PAYMENT, **sent),
        order(customer_id, "o2", shippingAddress=STREETS[0], paymentMethod=PAYMENT, **sent),
        payment(customer_id, "p1", amount=AMOUNTS["total"]),
        payment(customer_id, "p2", amount=AMOUNTS["total"]),
        method(customer_id),
        account(customer_id),
        points(customer_id, "l1", 5),
        message(customer_id, openedAt=instant(1)),
        ticket(customer_id),
        session(customer_id),
        customer(f"{customer_id}-other"),
    )
    criteria = f'{{"field":"lifetimeValue","op":"gte","value":{SUMS["criteria"]}}}'
    now = datetime(2026, 1, 2, tzinfo=UTC)
    SegmentItem(SEGMENTS, segment, name=segment, criteria=criteria, created_at=now, updated_at=now).save()
    AssignmentItem(partition(customer_id), SEGMENT + segment, assigned_at=now).save()
    give_tag(customer_id, a_tag())
    view = {"name": "Unmistakable", "search": {"clvMin": float(SUMS["filter"])}, "isShared": True}
    call_function("create_view", body=view)
    for days, spend in ((2, None), (1, SUMS["spend"])):
        at = datetime.now(UTC) - timedelta(days=days)
        keep_scores(customer_id, at.date(), assess(Inputs(History(1, 5, 9), spend), at, DEFAULT))
    for visibility, (text, text_before) in NOTES.items():
        note_id = a_note(customer_id, visibility=visibility, content=text_before)
        call_function("update_note", customer_id=customer_id, note_id=note_id, body={"content": text})
    make_findable(customer_id)
    return customer_id


def answers(call: Call, customer_id: str, role: str) -> Iterator[Answer]:
    """Of every read, for the customer and everything of theirs that has an address of its own."""
    notes = call("list_notes", customer_id=customer_id).json["notes"]
    ids = {
        "order_id": ["o1", "o2"],
        "ticket_id": ["t1"],
        "note_id": [note["id"] for note in notes],
        "job_id": [a_job()],
        "export_id": [an_export(customer_id, role) for role in ("support", "manager", "admin")],
    }
    queries = {name: {"limit": "100"} for name in LISTS}
    queries["search_customers"] = {"q": "Quux", "limit": "100"}
    queries["compare_customers"] = {"ids": f"{customer_id},{customer_id}-other"}
    for name in READS:
        (event,) = functions()[name]["Events"].values()
        parts = re.findall(r"{(\w+)}", event["Properties"]["Path"])
        own = {"customer_id": customer_id} if "customer_id" in parts else {}
        further = [part for part in parts if part != "customer_id"]
        for path in [{part: one} for part in further for one in ids[part]] or [{}]:
            answer = call(name, role=role, query=queries.get(name), **own, **path)
            assert answer.status in {200, 403, 404}, answer.text
            yield answer


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(child, key)
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child, name)
    else:
        yield name, value


def shown(call: Call, customer_id: str, role: str) -> tuple[set[Any], str]:
    """Every value of every answer, numbers as numbers, and all of it as text."""
    every = list(answers(call, customer_id, role))
    values = {value for answer in every for _, value in leaves(answer.json) if not isinstance(value, bool)}
    return values, "\n".join(answer.text for answer in every)


def test_a_viewer_sees_no_contact_data(call: Call, shopper: str) -> None:
    values, text = shown(call, shopper, "viewer")
    for secret in CONTACT:
        assert secret not in text
        assert secret not in re.sub(r"[^\w]", "", text) or not secret.isdigit()
    assert "wi***@example.com" in values
    assert {"***7421", "***8532"} <= values
    assert "Opt-ins" not in text
    assert {"London", "Paris", "GB"} <= values


def test_a_viewer_sees_no_money_at_all(call: Call, shopper: str) -> None:
    values, text = shown(call, shopper, "viewer")
    assert not {*AMOUNTS.values(), *SUMS.values()} & values
    assert not [amount for amount in [*AMOUNTS.values(), *SUMS.values()] if str(amount) in text]
    for answer in answers(call, shopper, "viewer"):
        answer.json.pop("expiringPoints", None)  # an amount of points
        if "totalIsExact" in answer.json:
            answer.json.pop("total")  # a number of customers
        names = {name for name, _ in leaves(answer.json)}
        assert not names & MONEY_NAMES
        assert "optIns" not in answer.text


def test_support_sees_contact_data_and_single_amounts_but_no_sums(call: Call, shopper: str) -> None:
    values, text = shown(call, shopper, "support")
    assert {EMAIL, PHONE, DELIVERY_PHONE, *STREETS, PAYMENT} <= values
    assert set(AMOUNTS.values()) <= values
    assert not set(SUMS.values()) & values
    assert not [amount for amount in SUMS.values() if str(amount) in text]
    names = {name for answer in answers(call, shopper, "support") for name, _ in leaves(answer.json)}
    assert not names & SUM_NAMES


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_a_manager_sees_it_all(call: Call, shopper: str, role: str) -> None:
    values, _ = shown(call, shopper, role)
    assert {EMAIL, PHONE, DELIVERY_PHONE, *STREETS, PAYMENT, *AMOUNTS.values(), *SUMS.values()} <= values


@pytest.mark.parametrize(
    ("role", "seen", "hidden"),
    [
        ("viewer", [], [*TEAM_NOTES, *MANAGERS_NOTES]),
        ("support", TEAM_NOTES, MANAGERS_NOTES),
        ("manager", [*TEAM_NOTES, *MANAGERS_NOTES], []),
        ("admin", [*TEAM_NOTES, *MANAGERS_NOTES], []),
    ],
)
def test_a_note_is_shown_to_those_it_is_for(
    call: Call, shopper: str, role: str, seen: list[str], hidden: list[str]
) -> None:
    _, text = shown(call, shopper, role)
    assert all(note in text for note in seen)
    assert not [note for note in hidden if note in text]


@pytest.mark.parametrize("role", ["viewer", "support", "manager"])
def test_a_rejected_event_is_nobody_elses_business(
    call: Call, shopper: str, keep: Callable[..., str], role: str
) -> None:
    keep(order(shopper, total=AMOUNTS["total"], shippingAddress=STREETS[0]))
    answer = call("list_rejected_events", role=role)
    assert answer.status == 403
    assert shopper not in answer.text


def test_an_admins_list_of_rejections_shows_no_content(call: Call, shopper: str, keep: Callable[..., str]) -> None:
    keep(order(shopper, total=AMOUNTS["total"], shippingAddress=STREETS[0]))
    text = call("list_rejected_events", query={"limit": "100"}).text
    assert shopper in text
    assert STREETS[0] not in text
    assert str(AMOUNTS["total"]) not in text


@pytest.mark.parametrize("role", ["viewer", "support", "manager", "admin"])
def test_the_etag_of_a_masked_answer_is_its_own(call: Call, shopper: str, role: str) -> None:
    tags = [
        call("get_customer_360", customer_id=shopper, role=other).headers["ETag"] for other in ("viewer", "admin", role)
    ]
    assert tags[0] != tags[1]
    assert len(set(tags)) == (2 if role in {"viewer", "admin"} else 3)
