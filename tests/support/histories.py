"""Random histories of one customer, for Hypothesis: every type of event, few subjects, many versions, many ties."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from support import builders
from support.oracle import DECIMALS, USER_AGENTS, Event

# Instants that collide, differ by a microsecond, or are one instant written in two ways.
INSTANTS = (
    "2025-12-31T23:59:59.999999Z",
    "2026-01-01T00:00:00Z",
    "2026-01-01T02:00:00+02:00",
    "2026-01-01T00:00:00.000001Z",
    "2026-01-01T18:30:00Z",
    "2026-01-04T12:00:00Z",
    "2026-02-01T08:00:00.5Z",
    "2026-02-28T23:00:00-01:00",
)
STATUSES = ("pending", "processing", "shipped", "delivered", "completed", "cancelled", "refunded")

instants = st.sampled_from(INSTANTS)
currencies = st.sampled_from(sorted(DECIMALS))
rates = st.decimals("0.000001", "999", places=6)
# Ids of which one is the beginning of another, with characters that sort before and after letters.
subjects = st.sampled_from(["a", "a.", "A"])
event_ids = st.text("Az09._:@-", min_size=1, max_size=3)
categories = st.none() | st.sampled_from(["Drinks", "Thé & Café", "#"])


def amounts(currency: str, most: int = 100_000) -> st.SearchStrategy[Decimal]:
    """Amounts with the decimals the currency has."""
    return st.decimals(0, most, places=DECIMALS[currency])


@st.composite
def orders(draw: st.DrawFn, customer_id: str, *, currency: str | None = None) -> Event:
    currency = currency or draw(currencies)
    lines = st.builds(
        lambda category, quantity, price: (
            {"name": "Tea", "quantity": quantity, "unitPrice": price} | ({"category": category} if category else {})
        ),
        categories,
        st.decimals("0.5", 9, places=1),
        amounts(currency, 100),
    )
    data: dict[str, Any] = {
        "placedAt": draw(instants),
        "status": draw(st.sampled_from(STATUSES)),
        "currency": currency,
        "total": draw(amounts(currency)),
        "lines": draw(st.lists(lines, max_size=3)),
        "updatedAt": draw(instants),
    }
    if currency != "EUR":
        data["exchangeRate"] = draw(rates)
    if draw(st.booleans()):
        data["refundedAmount"] = draw(amounts(currency))
    return builders.order(customer_id, draw(subjects), event_id=draw(event_ids), **data)


@st.composite
def customers(draw: st.DrawFn, customer_id: str) -> Event:
    addresses = st.builds(
        lambda identifier, city, primary: {
            "id": identifier, "line1": "1 Main St", "city": city, "country": "DE", "isPrimary": primary
        },
        subjects, st.sampled_from(["Köln", "Bonn"]), st.booleans(),
    )  # fmt: skip
    opt_ins = st.fixed_dictionaries({"email": st.booleans(), "sms": st.booleans(), "push": st.booleans()})
    return builders.customer(
        customer_id,
        event_id=draw(event_ids),
        name=draw(st.sampled_from(["Ada", "Zoë Ünal", "李小龍"])),
        email=draw(st.sampled_from(["a@example.com", "b@example.com"])),
        phone=draw(st.none() | st.just("+49 221 1234")),
        status=draw(st.sampled_from(["active", "pending", "suspended", "closed"])),
        addresses=draw(st.lists(addresses, max_size=2)),
        optIns=draw(opt_ins),
        registeredAt=draw(instants),
        updatedAt=draw(instants),
    )


@st.composite
def points(draw: st.DrawFn, customer_id: str) -> Event:
    """Lots that lapse before, at and after other transactions, in several years, and amounts that cross tiers."""
    years_apart = instants | st.sampled_from(["2024-02-29T12:00:00Z", "2028-02-29T12:00:00Z"])
    event = builders.points(
        customer_id,
        draw(subjects | st.sampled_from(["b", "c", "d"])),
        draw(st.integers(-500, 500) | st.sampled_from([-4500, 999, 1000, 5000])),
        event_id=draw(event_ids),
        type=draw(st.sampled_from(["earned", "redeemed", "expired", "adjusted"])),
        at=draw(years_apart),
        expiresAt=draw(st.none() | years_apart),
    )
    return event | {"occurredAt": draw(instants)}


@st.composite
def accounts(draw: st.DrawFn, customer_id: str) -> Event:
    tier = draw(st.none() | st.sampled_from(["bronze", "gold"]))
    return builders.account(customer_id, event_id=draw(event_ids), tier=tier, updatedAt=draw(instants))


@st.composite
def messages(draw: st.DrawFn, customer_id: str) -> Event:
    return builders.message(
        customer_id,
        draw(subjects),
        event_id=draw(event_ids),
        channel=draw(st.sampled_from(["email", "sms", "push"])),
        sentAt=draw(instants),
        openedAt=draw(st.none() | instants),
        clickedAt=draw(st.none() | instants),
        updatedAt=draw(instants),
    )


@st.composite
def tickets(draw: st.DrawFn, customer_id: str) -> Event:
    said = {"id": "m", "content": "Hello", "at": INSTANTS[1], "fromCustomer": True}
    return builders.ticket(
        customer_id,
        draw(subjects),
        event_id=draw(event_ids),
        status=draw(st.sampled_from(["open", "in_progress", "waiting", "resolved", "closed"])),
        priority=draw(st.sampled_from(["low", "medium", "high", "urgent"])),
        createdAt=draw(instants),
        resolvedAt=draw(st.none() | instants),
        messages=draw(st.sampled_from([None, [], [said]])),
        updatedAt=draw(instants),
    )


@st.composite
def sessions(draw: st.DrawFn, customer_id: str) -> Event:
    device = st.fixed_dictionaries({"device": st.sampled_from(["mobile", "desktop", "tablet", "unknown"])})
    agent = st.fixed_dictionaries({"device": st.none(), "userAgent": st.sampled_from(sorted(USER_AGENTS))})
    started, ended = sorted([draw(instants), draw(instants)], key=INSTANTS.index)
    viewed = st.builds(
        lambda category, count: {"category": category or "Other", "count": count}, categories, st.integers(0, 5)
    )
    event = builders.session(
        customer_id,
        draw(subjects),
        event_id=draw(event_ids),
        startedAt=started,
        endedAt=ended,
        pageViews=draw(st.none() | st.integers(0, 4)),
        categoriesViewed=draw(st.lists(viewed, max_size=3)),
        **draw(device | agent),
    )
    return event | {"occurredAt": draw(instants)}


@st.composite
def payments(draw: st.DrawFn, customer_id: str) -> Event:
    currency = draw(currencies)
    return builders.payment(
        customer_id,
        draw(subjects),
        event_id=draw(event_ids),
        amount=draw(amounts(currency)),
        currency=currency,
        status=draw(st.sampled_from(["succeeded", "pending", "failed", "refunded"])),
        at=draw(instants),
        orderId=draw(st.none() | subjects),
        updatedAt=draw(instants),
    )


@st.composite
def methods(draw: st.DrawFn, customer_id: str) -> Event:
    method_id, at = draw(subjects), draw(instants)
    if draw(st.booleans()):
        return builders.removed_method(customer_id, method_id, event_id=draw(event_ids), updatedAt=at)
    return builders.method(
        customer_id,
        method_id,
        event_id=draw(event_ids),
        last4=draw(st.sampled_from(["4242", "0005"])),
        isDefault=draw(st.booleans()),
        updatedAt=at,
    )


Kind = Callable[[str], st.SearchStrategy[Event]]
KINDS: tuple[Kind, ...] = (
    customers, orders, points, accounts, messages, tickets, sessions, payments, methods,
)  # fmt: skip


LOYALTY = (points, accounts)


@st.composite
def histories(draw: st.DrawFn, customer_id: str = "c", most: int = 10, among: Sequence[Kind] = KINDS) -> list[Event]:
    """At least one version of the customer, first, and then events of a few kinds, so that versions meet.

    An order keeps its currency, as orders do.
    """
    kinds = draw(st.lists(st.sampled_from(among), min_size=1, max_size=3, unique=True))
    own_orders = orders(customer_id, currency=draw(currencies))
    event = st.one_of(*(own_orders if kind is orders else kind(customer_id) for kind in kinds))
    first = draw(customers(customer_id))
    fewest = draw(st.sampled_from([1, most // 2]))
    others = st.lists(event, min_size=fewest, max_size=most - 1, unique_by=lambda each: each["eventId"])
    return [first, *(other for other in draw(others) if other["eventId"] != first["eventId"])]


@st.composite
def deliveries(draw: st.DrawFn, events: list[Event], most_duplicates: int = 4) -> list[Event]:
    """The events in any order, some of them more than once."""
    duplicates = draw(st.lists(st.sampled_from(events), max_size=most_duplicates)) if events else []
    return draw(st.permutations([*events, *duplicates]))
