"""No answer of a read shows a role more than it may see: unmistakable values are planted and looked for everywhere."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from support import shopper as shoppers
from support.builders import customer, order
from support.finding import make_findable
from support.gateway import Answer, call_function
from support.makers import a_job, an_export
from support.shopper import (
    CONTACT,
    DELIVERY_PHONE,
    EMAIL,
    MANAGERS_NOTES,
    PAYMENT,
    PHONE,
    STREETS,
    TEAM_NOTES,
    a_shopper,
)
from support.template import functions

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("pause_caches", "export_bucket")]

Call = Callable[..., Answer]

# A sum that only a saved view has.
FILTER = Decimal("5198.24")
AMOUNT = Decimal(shoppers.AMOUNTS[0])
AMOUNTS = {Decimal(amount) for amount in shoppers.AMOUNTS}
SUMS = {FILTER, Decimal(shoppers.SPEND), *(Decimal(amount) for amount in shoppers.SUMS)}
SEEN_WITH_CONTACT = {EMAIL, PHONE, DELIVERY_PHONE, *STREETS, *PAYMENT}
# Names no viewer meets in any answer: of money, and of what marketing and payments are for.
SUM_NAMES = {"lifetimeValue", "totalSpent", "averageOrderValue", "totalRevenue", "revenue", "criteria"}
AMOUNT_NAMES = {"total", "discount", "shipping", "tax", "refundedAmount", "unitPrice", "amount", "amounts"}
MONEY_NAMES = {*SUM_NAMES, *AMOUNT_NAMES, "spend", "filter", "paymentMethod"}

LISTS = {"list_orders", "list_tickets", "list_payments", "list_timeline_events", "list_notes"}
READS = sorted(
    name
    for name, properties in functions().items()
    for event in properties["Events"].values()
    if event["Type"] == "Api" and event["Properties"]["Method"] == "GET"
)


@pytest.fixture
def shopper(take_in: Callable[..., Any]) -> str:
    """Somebody with all of it, in every source, beside somebody to compare them with."""
    customer_id = a_shopper(take_in, length=2)
    take_in(customer(f"{customer_id}-other"))
    view = {"name": "Unmistakable", "search": {"clvMin": float(FILTER)}, "isShared": True}
    call_function("create_view", body=view)
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
    assert not (AMOUNTS | SUMS) & values
    assert not [amount for amount in AMOUNTS | SUMS if str(amount) in text]
    for answer in answers(call, shopper, "viewer"):
        answer.json.pop("expiringPoints", None)  # an amount of points
        if "totalIsExact" in answer.json:
            answer.json.pop("total")  # a number of customers
        names = {name for name, _ in leaves(answer.json)}
        assert not names & MONEY_NAMES
        assert "optIns" not in answer.text


def test_support_sees_contact_data_and_single_amounts_but_no_sums(call: Call, shopper: str) -> None:
    values, text = shown(call, shopper, "support")
    assert values >= SEEN_WITH_CONTACT | AMOUNTS
    assert not SUMS & values
    assert not [amount for amount in SUMS if str(amount) in text]
    names = {name for answer in answers(call, shopper, "support") for name, _ in leaves(answer.json)}
    assert not names & SUM_NAMES


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_a_manager_sees_it_all(call: Call, shopper: str, role: str) -> None:
    values, _ = shown(call, shopper, role)
    assert values >= SEEN_WITH_CONTACT | AMOUNTS | SUMS


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
    keep(order(shopper, total=AMOUNT, shippingAddress=STREETS[0]))
    answer = call("list_rejected_events", role=role)
    assert answer.status == 403
    assert shopper not in answer.text


def test_an_admins_list_of_rejections_shows_no_content(call: Call, shopper: str, keep: Callable[..., str]) -> None:
    keep(order(shopper, total=AMOUNT, shippingAddress=STREETS[0]))
    text = call("list_rejected_events", query={"limit": "100"}).text
    assert shopper in text
    assert STREETS[0] not in text
    assert str(AMOUNT) not in text


@pytest.mark.parametrize("role", ["viewer", "support", "manager", "admin"])
def test_the_etag_of_a_masked_answer_is_its_own(call: Call, shopper: str, role: str) -> None:
    tags = [
        call("get_customer_360", customer_id=shopper, role=other).headers["ETag"] for other in ("viewer", "admin", role)
    ]
    assert tags[0] != tags[1]
    assert len(set(tags)) == (2 if role in {"viewer", "admin"} else 3)
