"""Somebody with something in every source and every list, whose values are unmistakable wherever they turn up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from customer360.catalog import store
from customer360.catalog.kinds import SEGMENT_KIND
from customer360.catalog.table import SEGMENTS, SegmentItem
from customer360.notes.schemas import Visibility
from customer360.scoring.assessment import assess
from customer360.scoring.inputs import History, Inputs
from customer360.scoring.parameters import DEFAULT
from customer360.storage.items import AssignmentItem
from customer360.storage.keys import SEGMENT, partition
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
from support.gateway import call_function
from support.makers import a_note, a_tag, give_tag, keep_scores

EMAIL, OLD_EMAIL = "wilhelmina.quux@example.com", "zebulon.quux@example.com"
PHONE, OLD_PHONE, DELIVERY_PHONE = "+44 20 7946 7421", "+44 20 7946 2976", "+44 20 7946 8532"
STREETS = ["7421 Unmistakable Street", "Flat 8532", "9643 Elsewhere Road", "Back door 1754"]
CONTACT = ["wilhelmina", "zebulon", *STREETS, *(phone[:-4] for phone in (PHONE, OLD_PHONE, DELIVERY_PHONE))]

# One order's own amounts, a part of them negative or of another currency.
AMOUNTS = ["7421.01", "8532.02", "9643.03", "1754.04", "2865.05", "3976.06", "98765", "6187.25"]
# What only sums and criteria say.
SUMS = ["14842.02", "5730.10", "7952.12", "6543.21"]
# What the scores of a day were made of, which is not on the page itself.
SPEND = "4087.23"
PAYMENT = ["visa unmistakable", "unmistakablebank", "6789"]
TEAM_NOTES = ["=What the team 4711 knows", "-What the team 5822 knew before"]
MANAGERS_NOTES = ["What managers 6933 know", "What managers 7044 knew before"]


def a_shopper(take_in: Callable[..., Any], *, length: int = 13) -> str:
    """The id of a new one, each of whose lists has at least so many rows."""
    customer_id = new_id()
    places = [
        {"id": "a1", "line1": STREETS[0], "line2": STREETS[1], "city": "London", "country": "GB", "phone": PHONE},
        {"id": "a2", "line1": STREETS[2], "city": "Paris", "country": "FR", "region": "IDF", "isPrimary": True},
    ]
    sent: dict[str, Any] = {
        "total": Decimal("7421.01"),
        "discount": Decimal("8532.02"),
        "shipping": Decimal("9643.03"),
        "tax": Decimal("1754.04"),
        "refundedAmount": Decimal("2865.05"),
        "paymentMethod": PAYMENT[0],
        "lines": [
            {"name": "Tea", "sku": "T-1", "category": "Drinks", "quantity": 1, "unitPrice": Decimal("3976.06")},
            {"name": "+Voucher", "quantity": Decimal("1.5"), "unitPrice": Decimal("-0.125")},
        ],
    }
    whole = {"line1": STREETS[2], "line2": STREETS[3], "city": "Paris", "phone": DELIVERY_PHONE}
    old: dict[str, Any] = {
        "email": OLD_EMAIL,
        "phone": OLD_PHONE,
        "optIns": {"email": False, "sms": True, "push": True},
    }
    take_in(
        customer(customer_id, name="W. Quux", addresses=places[:1], updatedAt=instant(-200), **old),
        customer(
            customer_id, name="W. Quux", email=EMAIL, phone=PHONE, addresses=places, avatarUrl="https://x.example/a"
        ),
        order(customer_id, "o1", shippingAddress=whole, trackingNumber="@TRACK", **sent),
        order(customer_id, "o1", shippingAddress=whole, trackingNumber="@TRACK", **sent, updatedAt=instant(1)),
        order(customer_id, "o2", shippingAddress=STREETS[0], **sent),
        order(customer_id, "o2", status="pending", updatedAt=instant(-3)),
        order(customer_id, "yen", currency="JPY", exchangeRate=Decimal("0.001"), total=98765, status="cancelled"),
        method(customer_id, brand=PAYMENT[1], last4=PAYMENT[2], expiryMonth=4, expiryYear=2031),
        payment(customer_id, "p", amount=Decimal("6187.25"), methodId="pm1", orderId="o1", at=instant(-9)),
        payment(customer_id, "q", amount=Decimal("6187.25"), currency="USD", at=instant(-8)),
        payment(customer_id, "r", amount=Decimal("6187.25"), currency="USD", status="refunded", at=instant(-7)),
        account(customer_id),
        session(customer_id),
    )
    for number in range(length):
        at = instant(number)
        closed: dict[str, Any] = {"status": "closed", "resolvedAt": at, "updatedAt": instant(99)}
        closed |= {"description": "=1+1", "assignee": "Sam", "category": "Delivery"}
        history = [
            {"id": f"m{number}", "content": f"\tHow, {number}?", "at": at, "fromCustomer": True},
            {"id": f"a{number}", "content": "So.", "at": instant(number + 1), "fromCustomer": False, "author": "Sam"},
        ]
        take_in(
            points(customer_id, f"l{number}", 5, at=at, expiresAt=instant(number + 3)),
            points(customer_id, f"s{number}", -2, type="redeemed", at=instant(number + 1)),
            message(customer_id, f"m{number}", sentAt=at, openedAt=at, clickedAt=at),
            order(customer_id, f"n{number}", placedAt=at, total=0, lines=[]),
            ticket(customer_id, f"t{number}", createdAt=at),
            ticket(customer_id, f"t{number}", createdAt=at, messages=history, **closed),
            payment(customer_id, f"p{number}", at=at, amount=1),
        )
    _give_a_segment(customer_id)
    give_tag(customer_id, a_tag())
    for days, spend in ((2, None), (1, Decimal(SPEND))):
        then = datetime.now(UTC) - timedelta(days=days)
        keep_scores(customer_id, then.date(), assess(Inputs(History(1, 5, 9), spend), then, DEFAULT))
    notes: dict[Visibility, list[str]] = {"team": TEAM_NOTES, "managers": MANAGERS_NOTES}
    for visibility, (text, text_before) in notes.items():
        note_id = a_note(customer_id, visibility=visibility, content=text_before)
        call_function("update_note", customer_id=customer_id, note_id=note_id, body={"content": text})
    a_note(customer_id, content="Pinned", pinned=True)
    return customer_id


def _give_a_segment(customer_id: str) -> None:
    segment, now = new_id("segment"), datetime(2026, 1, 2, tzinfo=UTC)
    criteria = '{"field":"lifetimeValue","op":"gte","value":6543.21}'
    made: dict[str, Any] = {"created_at": now, "updated_at": now}
    store.create(
        SEGMENT_KIND, SegmentItem(SEGMENTS, segment, name=segment, criteria=criteria, applied=criteria, **made)
    )
    AssignmentItem(partition(customer_id), SEGMENT + segment, assigned_at=now).save()
