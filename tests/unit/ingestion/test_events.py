"""A source event is taken as the contract says, or refused with the names of the fields at fault."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.exact_json import dumps, loads
from customer360.ingestion.events import MAX_BYTES, RECORDS, Rejected, SourceEvent, read_event
from customer360.sources.record import Shop
from support import builders

SHOP = Shop("EUR", ZoneInfo("UTC"))
AT = "2026-01-01T00:00:00Z"
VISA = "4111111111111111"
STREETLESS = {"id": "a1", "city": "London", "country": "GB"}
ANONYMOUS = {"id": "1", "content": "Hello", "at": AT}
NAMELESS = {"category": "", "count": 1}

# Every field of the contract: what must be there, and what may be.
REQUIRED: dict[str, dict[str, Any]] = {
    "customer.upserted": {
        "name": "Ada",
        "email": "ada@example.com",
        "registeredAt": AT,
        "status": "active",
        "updatedAt": AT,
    },
    "order.upserted": {
        "orderId": "o1",
        "number": "1001",
        "placedAt": AT,
        "status": "pending",
        "currency": "EUR",
        "total": Decimal("10.00"),
        "lines": [],
        "updatedAt": AT,
    },
    "payment.method.upserted": {"methodId": "pm1", "type": "card", "isDefault": True, "updatedAt": AT},
    "payment.method.removed": {"methodId": "pm1", "updatedAt": AT},
    "payment.transaction.upserted": {
        "transactionId": "p1",
        "amount": Decimal("10.00"),
        "currency": "EUR",
        "status": "succeeded",
        "at": AT,
        "updatedAt": AT,
    },
    "loyalty.account.upserted": {"updatedAt": AT},
    "loyalty.points.recorded": {
        "transactionId": "l1",
        "type": "earned",
        "points": 10,
        "description": "Order",
        "at": AT,
    },
    "marketing.message.upserted": {
        "messageId": "m1",
        "campaignId": "k1",
        "campaignName": "Spring",
        "channel": "email",
        "sentAt": AT,
        "status": "sent",
        "updatedAt": AT,
    },
    "support.ticket.upserted": {
        "ticketId": "t1",
        "number": "T-1",
        "subject": "Where is it?",
        "status": "open",
        "priority": "low",
        "createdAt": AT,
        "updatedAt": AT,
    },
    "analytics.session.recorded": {"sessionId": "s1", "startedAt": AT, "endedAt": AT},
}
OPTIONAL: dict[str, dict[str, Any]] = {
    "customer.upserted": {
        "phone": "+44 20 7946 0000",
        "avatarUrl": "https://example.com/a.png",
        "addresses": [
            {
                "id": "a1",
                "line1": "1 High Street",
                "line2": "Flat 2",
                "city": "London",
                "region": "London",
                "postalCode": "N1 1AA",
                "country": "GB",
                "phone": "+44 20 7946 0001",
                "isPrimary": True,
            }
        ],
        "optIns": {"email": True, "sms": False, "push": True},
    },
    "order.upserted": {
        "exchangeRate": Decimal("1.1"),
        "discount": Decimal("1.00"),
        "shipping": Decimal("2.00"),
        "tax": Decimal("0.50"),
        "refundedAmount": Decimal("0.10"),
        "lines": [
            {"sku": "S1", "name": "Tea", "category": "Drinks", "quantity": 2, "unitPrice": Decimal("5.00")},
            {"name": "Bag", "quantity": Decimal("0.5"), "unitPrice": 0},
        ],
        "shippingAddress": {
            "name": "Ada",
            "line1": "1 High Street",
            "line2": "Flat 2",
            "city": "London",
            "region": "London",
            "postalCode": "N1 1AA",
            "country": "GB",
            "phone": "+44 20 7946 0001",
        },
        "paymentMethod": "card ending 4242",
        "trackingNumber": VISA,
    },
    "payment.method.upserted": {"brand": "visa", "last4": "0042", "expiryMonth": 1, "expiryYear": 2030},
    "payment.method.removed": {},
    "payment.transaction.upserted": {"methodId": "pm1", "orderId": "o1"},
    "loyalty.account.upserted": {"tier": "gold", "referralCode": "ADA10", "referralCount": 3},
    "loyalty.points.recorded": {"expiresAt": AT},
    "marketing.message.upserted": {"openedAt": AT, "clickedAt": AT},
    "support.ticket.upserted": {
        "category": "delivery",
        "description": "It has not come.",
        "assignee": "Bob",
        "resolvedAt": AT,
        "messages": [
            {"id": "1", "content": "Hello", "at": AT, "fromCustomer": True, "author": "Ada"},
            {"id": "2", "content": "Hi", "at": AT, "fromCustomer": False},
        ],
    },
    "analytics.session.recorded": {
        "device": "mobile",
        "userAgent": "Mozilla/5.0",
        "pageViews": 3,
        "categoriesViewed": [{"category": "Drinks", "count": 2}],
    },
}
TYPES = list(REQUIRED)
EVERY_REQUIRED_FIELD = [(event_type, field) for event_type in TYPES for field in REQUIRED[event_type]]
EVERY_OPTIONAL_FIELD = [(event_type, field) for event_type in TYPES for field in OPTIONAL[event_type]]
INSTANTS = ["registeredAt", "updatedAt", "placedAt", "at", "expiresAt", "sentAt", "openedAt", "clickedAt", "createdAt"]
INSTANTS += ["resolvedAt", "startedAt", "endedAt"]
EVERY_INSTANT = [(kind, field) for kind, field in EVERY_REQUIRED_FIELD + EVERY_OPTIONAL_FIELD if field in INSTANTS]
EVERY_CHOICE = [
    (event_type, field)
    for event_type, field in EVERY_REQUIRED_FIELD + EVERY_OPTIONAL_FIELD
    if field in {"status", "priority", "channel", "device", "tier", "type"}
    and (event_type, field) != ("marketing.message.upserted", "status")
]
NUMBERS = [
    ("order.upserted", "total"),
    ("order.upserted", "discount"),
    ("order.upserted", "shipping"),
    ("order.upserted", "tax"),
    ("order.upserted", "refundedAmount"),
    ("order.upserted", "exchangeRate"),
    ("payment.transaction.upserted", "amount"),
    ("payment.method.upserted", "expiryMonth"),
    ("payment.method.upserted", "expiryYear"),
    ("loyalty.account.upserted", "referralCount"),
    ("loyalty.points.recorded", "points"),
    ("analytics.session.recorded", "pageViews"),
]


def full(event_type: str) -> dict[str, Any]:
    return deepcopy(REQUIRED[event_type] | OPTIONAL[event_type])


def envelope(data: Any) -> dict[str, Any]:
    return {"eventId": "e1", "customerId": "c1", "occurredAt": AT, "data": data}


def read(event_type: Any, data: Any) -> SourceEvent:
    return read_event(event_type, envelope(data), SHOP)


def fields_at_fault(event_type: Any, event: Any) -> list[str]:
    with pytest.raises(Rejected) as refusal:
        read_event(event_type, event, SHOP)
    assert refusal.value.reason == "invalid"
    return [error["field"] for error in refusal.value.errors]


def faults(event_type: str, data: Any) -> list[str]:
    return fields_at_fault(event_type, envelope(data))


def refused(event_type: str, **fields: Any) -> list[str]:
    return faults(event_type, full(event_type) | fields)


def test_the_lists_here_name_every_type() -> None:
    assert sorted(TYPES) == sorted(RECORDS) == sorted(OPTIONAL)


@pytest.mark.parametrize("event_type", TYPES)
def test_the_least_an_event_may_have_is_enough(event_type: str) -> None:
    assert read(event_type, REQUIRED[event_type]).type == event_type


@pytest.mark.parametrize("event_type", TYPES)
def test_everything_an_event_may_have_is_kept(event_type: str) -> None:
    kept = loads(read(event_type, full(event_type)).as_json())["data"]
    expected = full(event_type)
    assert kept.keys() == expected.keys()
    assert {name: kept[name] for name in kept if name not in INSTANTS} == {
        name: loads(dumps(value)) for name, value in with_instants_in_full(expected).items() if name not in INSTANTS
    }


@pytest.mark.parametrize(("event_type", "field"), EVERY_REQUIRED_FIELD)
def test_a_missing_field_is_named(event_type: str, field: str) -> None:
    data = {name: value for name, value in full(event_type).items() if name != field}
    assert faults(event_type, data) == [f"data.{field}"]


@pytest.mark.parametrize(("event_type", "field"), EVERY_REQUIRED_FIELD)
def test_null_is_as_good_as_missing(event_type: str, field: str) -> None:
    assert refused(event_type, **{field: None}) == [f"data.{field}"]


@pytest.mark.parametrize(("event_type", "field"), [pair for pair in EVERY_OPTIONAL_FIELD if pair[1] != "lines"])
def test_an_optional_field_that_is_null_is_absent(event_type: str, field: str) -> None:
    absent = {name: value for name, value in full(event_type).items() if name != field}
    assert read(event_type, full(event_type) | {field: None}) == read(event_type, absent)


@pytest.mark.parametrize("field", ["eventId", "customerId", "occurredAt", "data"])
@pytest.mark.parametrize("event_type", ["customer.upserted", "payment.method.upserted"])
def test_a_field_missing_from_the_envelope_is_named(event_type: str, field: str) -> None:
    event = {name: value for name, value in envelope(full(event_type)).items() if name != field}
    assert fields_at_fault(event_type, event) == [field]


@pytest.mark.parametrize(("event_type", "field"), EVERY_REQUIRED_FIELD)
@pytest.mark.parametrize("wrong", [{"a": 1}, ["a"], b"bytes"], ids=["object", "list", "bytes"])
def test_a_value_of_the_wrong_type_is_named(event_type: str, field: str, wrong: Any) -> None:
    expected = f"data.{field}.0" if field == "lines" and isinstance(wrong, list) else f"data.{field}"
    assert refused(event_type, **{field: wrong}) == [expected]


@pytest.mark.parametrize(("event_type", "field"), NUMBERS)
@pytest.mark.parametrize("wrong", ["1", True, 1.0, Decimal("1E+30"), []])
def test_what_is_not_an_exact_number_is_refused(event_type: str, field: str, wrong: Any) -> None:
    assert refused(event_type, **{field: wrong}) == [f"data.{field}"]


@pytest.mark.parametrize(("event_type", "field"), NUMBERS[7:])
def test_a_count_is_whole(event_type: str, field: str) -> None:
    assert refused(event_type, **{field: Decimal("1.5")}) == [f"data.{field}"]
    whole = 2030 if field == "expiryYear" else 12
    event = read(event_type, full(event_type) | {field: Decimal(f"{whole}.0")})
    assert loads(event.as_json())["data"][field] == whole


@pytest.mark.parametrize("field", ["isDefault"])
@pytest.mark.parametrize("wrong", [0, 1, "true", "yes", Decimal(1)])
def test_a_truth_value_is_true_or_false(field: str, wrong: Any) -> None:
    assert refused("payment.method.upserted", **{field: wrong}) == [f"data.{field}"]


@pytest.mark.parametrize(("event_type", "field"), EVERY_INSTANT)
@pytest.mark.parametrize(
    "wrong",
    [
        "2026-01-01T00:00:00",  # no zone
        "2026-01-01",
        "2026-02-30T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:00:00+99:00",
        "0001-01-01T00:00:00+14:00",  # before the calendar begins
        "0001-01-01T00:00:00Z",  # what some systems write for never
        "9999-12-31T23:59:59Z",
        "yesterday",
        "",
        1767225600,
        True,
    ],
)
def test_an_instant_needs_a_zone_and_a_place_in_the_calendar(event_type: str, field: str, wrong: Any) -> None:
    assert refused(event_type, **{field: wrong}) == [f"data.{field}"]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01t01:30:00.5+01:30", datetime(2026, 1, 1, 0, 0, 0, 500000, tzinfo=UTC)),
        ("2026-01-01 00:00-0100", datetime(2026, 1, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00.123456789Z", datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)),
        ("1000-01-01T00:00:00Z", datetime(1000, 1, 1, tzinfo=UTC)),
        ("9998-12-31T23:59:59.999999Z", datetime(9998, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_instants_come_in_every_form_of_iso_8601_that_has_a_zone(text: str, instant: datetime) -> None:
    assert read("customer.upserted", full("customer.upserted") | {"updatedAt": text}).version_at == instant


@pytest.mark.parametrize(("event_type", "field"), EVERY_CHOICE)
@pytest.mark.parametrize("wrong", ["unheard-of", "", "ACTIVE", 1])
def test_an_unknown_choice_is_named(event_type: str, field: str, wrong: Any) -> None:
    assert refused(event_type, **{field: wrong}) == [f"data.{field}"]


@pytest.mark.parametrize("identifier", ["", "a b", "a/b", "ü", "x" * 65, "a\n", "#", None])
@pytest.mark.parametrize("field", ["eventId", "customerId"])
def test_an_id_is_letters_digits_and_a_few_signs(field: str, identifier: Any) -> None:
    event = envelope(full("customer.upserted")) | {field: identifier}
    assert fields_at_fault("customer.upserted", event) == [field]


def test_an_id_may_have_every_allowed_sign() -> None:
    event = envelope(full("customer.upserted")) | {"customerId": "A-z_0.9:@" + "x" * 55}
    assert read_event("customer.upserted", event, SHOP).customer_id.startswith("A-z_0.9:@")


@pytest.mark.parametrize(
    ("event_type", "fields", "at_fault"),
    [
        ("customer.upserted", {"email": "not an address"}, "data.email"),
        ("customer.upserted", {"name": "  "}, "data.name"),
        ("customer.upserted", {"addresses": [STREETLESS]}, "data.addresses.0.line1"),
        ("customer.upserted", {"optIns": {"email": "yes"}}, "data.optIns.email"),
        ("order.upserted", {"total": Decimal("-0.01")}, "data.total"),
        ("order.upserted", {"refundedAmount": -1}, "data.refundedAmount"),
        ("order.upserted", {"exchangeRate": 0}, "data.exchangeRate"),
        ("order.upserted", {"currency": "eur"}, "data.currency"),
        ("order.upserted", {"lines": [{"name": "Tea", "quantity": -1, "unitPrice": 1}]}, "data.lines.0.quantity"),
        ("order.upserted", {"lines": [{"name": "Tea", "quantity": 1}]}, "data.lines.0.unitPrice"),
        ("order.upserted", {"orderId": "a/b"}, "data.orderId"),
        ("payment.method.upserted", {"last4": "42"}, "data.last4"),
        ("payment.method.upserted", {"last4": "12345"}, "data.last4"),
        ("payment.method.upserted", {"expiryMonth": 13}, "data.expiryMonth"),
        ("payment.method.upserted", {"expiryYear": 26}, "data.expiryYear"),
        ("loyalty.account.upserted", {"tier": "diamond"}, "data.tier"),
        ("loyalty.account.upserted", {"referralCount": -1}, "data.referralCount"),
        ("support.ticket.upserted", {"messages": [ANONYMOUS]}, "data.messages.0.fromCustomer"),
        ("analytics.session.recorded", {"pageViews": -1}, "data.pageViews"),
        ("analytics.session.recorded", {"categoriesViewed": [NAMELESS]}, "data.categoriesViewed.0.category"),
    ],
)
def test_each_rule_of_a_field_names_the_field(event_type: str, fields: dict[str, Any], at_fault: str) -> None:
    assert refused(event_type, **fields) == [at_fault]


def test_a_session_does_not_end_before_it_starts() -> None:
    assert refused("analytics.session.recorded", startedAt="2026-01-02T00:00:00Z") == ["data"]


def test_an_order_in_another_currency_needs_a_rate() -> None:
    foreign = {name: value for name, value in full("order.upserted").items() if name != "exchangeRate"}
    assert faults("order.upserted", foreign | {"currency": "USD"}) == ["data.exchangeRate"]
    assert read("order.upserted", foreign | {"currency": "USD", "exchangeRate": Decimal("0.9")})
    assert read("order.upserted", foreign)


def test_fields_the_contract_does_not_know_are_ignored() -> None:
    for event_type in TYPES:
        known = full(event_type)
        assert read(event_type, known | {"loyaltyLevel": {"a": [1]}, "x-y": "z"}) == read(event_type, known)
    line = {"name": "Tea", "quantity": 1, "unitPrice": 1}
    more = full("order.upserted") | {"lines": [line | {"colour": "green"}]}
    assert read("order.upserted", more) == read("order.upserted", full("order.upserted") | {"lines": [line]})


@pytest.mark.parametrize(
    ("event_type", "field"), [("customer.upserted", "avatar_url"), ("order.upserted", "exchange_rate")]
)
def test_a_field_by_its_name_in_our_code_is_not_known(event_type: str, field: str) -> None:
    least = REQUIRED[event_type]
    assert read(event_type, least | {field: {"not": "valid"}}) == read(event_type, least)


@pytest.mark.parametrize("event_type", ["order.shipped", "", None, 1, ["order.upserted"], {"a": 1}, "ORDER.UPSERTED"])
def test_an_unknown_type_is_refused_with_the_known_ones(event_type: Any) -> None:
    with pytest.raises(Rejected) as refusal:
        read(event_type, full("order.upserted"))
    assert refusal.value.reason == "unknown_type"
    assert all(known in refusal.value.errors[0]["message"] for known in TYPES)


@pytest.mark.parametrize("event", [None, 1, "text", [], [{}], True])
def test_an_event_is_an_object(event: Any) -> None:
    assert fields_at_fault("order.upserted", event) == [""]


@pytest.mark.parametrize("data", ["text", 1, [], True])
def test_data_is_an_object(data: Any) -> None:
    assert faults("order.upserted", data) == ["data"]


def size(event: dict[str, Any]) -> int:
    return len(dumps({name: value for name, value in event.items() if name != "type"}).encode())


@pytest.mark.parametrize("letter", ["x", "é", "語"])
def test_an_event_is_at_most_240_kilobytes_of_json(letter: str) -> None:
    event = builders.ticket("c1", description="")
    room = MAX_BYTES - size(event)
    event["data"]["description"] = letter * (room // len(letter.encode())) + "x" * (room % len(letter.encode()))
    assert size(event) == 240 * 1024
    assert read_event(event["type"], event, SHOP)
    event["data"]["description"] += "x"
    with pytest.raises(Rejected) as refusal:
        read_event(event["type"], event, SHOP)
    assert refusal.value.reason == "too_large"


def test_an_order_of_a_thousand_lines_is_fine() -> None:
    line = {"sku": VISA, "name": "Tea", "category": "Drinks", "quantity": 1, "unitPrice": Decimal("0.10")}
    event = read("order.upserted", REQUIRED["order.upserted"] | {"lines": [line] * 1000, "total": Decimal("100.00")})
    assert len(loads(event.as_json())["data"]["lines"]) == 1000
    assert event.record.totals(SHOP)["HEAD#METRICS"]["totalOrders"] == 1


def test_a_ticket_of_five_hundred_messages_is_fine() -> None:
    messages = [
        {"id": str(number), "content": "Where is it? " * 10, "at": AT, "fromCustomer": True} for number in range(500)
    ]
    event = read("support.ticket.upserted", REQUIRED["support.ticket.upserted"] | {"messages": messages})
    assert len(loads(event.as_json())["data"]["messages"]) == 500


@pytest.mark.parametrize("text", ["[" * 50_000 + "]" * 50_000, '{"data":' * 40 + "1" + "}" * 40])
def test_deep_nesting_is_no_event(text: str) -> None:
    with pytest.raises(ValueError, match="nested"):
        loads(text)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_constants_that_json_does_not_have_are_refused(constant: str) -> None:
    with pytest.raises(ValueError, match="not JSON"):
        loads(f'{{"total": {constant}}}')


@pytest.mark.parametrize(
    ("event_type", "field"),
    [
        ("payment.method.upserted", "methodId"),
        ("payment.method.upserted", "brand"),
        ("payment.method.removed", "methodId"),
        ("payment.transaction.upserted", "methodId"),
        ("order.upserted", "paymentMethod"),
        ("support.ticket.upserted", "subject"),
        ("support.ticket.upserted", "description"),
        ("customer.upserted", "name"),
        ("loyalty.points.recorded", "description"),
        ("marketing.message.upserted", "campaignName"),
    ],
)
def test_a_card_number_is_refused_and_not_repeated(event_type: str, field: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(event_type, full(event_type) | {field: VISA})
    assert refusal.value.reason == "card_number"
    assert [error["field"] for error in refusal.value.errors] == [f"data.{field}"]
    assert VISA not in str(refusal.value.errors)


def test_a_card_number_in_an_unknown_field_of_a_payment_is_refused() -> None:
    with pytest.raises(Rejected, match="card_number"):
        read("payment.method.upserted", full("payment.method.upserted") | {"number": VISA})


def test_a_card_number_in_the_middle_of_a_ticket_is_refused() -> None:
    message = {"id": "1", "content": "mine is 4111-1111-1111-1111", "at": AT, "fromCustomer": True}
    with pytest.raises(Rejected) as refusal:
        read("support.ticket.upserted", full("support.ticket.upserted") | {"messages": [message]})
    assert refusal.value.errors[0]["field"] == "data.messages.0.content"


@pytest.mark.parametrize(
    ("event_type", "fields"),
    [
        ("order.upserted", {"orderId": VISA, "number": VISA, "trackingNumber": VISA}),
        ("order.upserted", {"lines": [{"sku": VISA, "name": "Tea", "quantity": 1, "unitPrice": 1}]}),
        ("customer.upserted", {"phone": VISA}),
        ("support.ticket.upserted", {"ticketId": VISA, "number": VISA}),
        ("payment.transaction.upserted", {"transactionId": VISA, "orderId": VISA}),
        ("analytics.session.recorded", {"sessionId": VISA}),
    ],
)
def test_ids_numbers_and_phones_are_not_taken_for_cards(event_type: str, fields: dict[str, Any]) -> None:
    assert read(event_type, full(event_type) | fields)


@pytest.mark.parametrize(
    "fields",
    [{"exchangeRate": Decimal("0.501800000009")}, {"total": 501_800_000_009}],
)
def test_amounts_and_rates_of_an_order_are_not_taken_for_cards(fields: dict[str, Any]) -> None:
    assert read("order.upserted", full("order.upserted") | fields)


def test_errors_never_quote_what_was_sent() -> None:
    with pytest.raises(Rejected) as refusal:
        read("order.upserted", full("order.upserted") | {"status": "secret-7421", "total": "secret-7421"})
    assert "secret-7421" not in str(refusal.value.errors)


def test_at_most_fifty_faults_are_told() -> None:
    lines = [{"name": ""}] * 100
    with pytest.raises(Rejected) as refusal:
        read("order.upserted", full("order.upserted") | {"lines": lines})
    assert len(refusal.value.errors) == 50


# What `read_event(loads(event.as_json()))` gives is the same event: what is held or kept can be taken in again.

texts = st.text(st.characters(exclude_categories=["Cs", "N"]), max_size=30)
titles = texts.map(lambda text: f"a{text}z")
ids = st.text("ABCxyz019._:@-", min_size=1, max_size=64)
moments = st.datetimes(datetime(1000, 1, 2), datetime(9998, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  Hypothesis wants naive bounds
instants = moments.map(lambda at: at.isoformat())
amounts = st.decimals(0, 99_999, places=2) | st.integers(0, 99_999) | st.decimals(0, 99_999, places=6)
quantities = st.decimals(0, 9_999, places=3) | st.integers(0, 9_999)
counts = st.integers(0, 1_000_000)
addresses = st.fixed_dictionaries(
    {"id": ids, "line1": titles, "city": titles, "country": titles},
    optional={"line2": texts, "isPrimary": st.booleans(), "postalCode": texts, "phone": titles},
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(INSTANTS, instants),
    **dict.fromkeys(["orderId", "methodId", "transactionId", "messageId", "campaignId", "ticketId", "sessionId"], ids),
    **dict.fromkeys(["total", "refundedAmount", "shipping", "tax", "amount"], amounts),
    **dict.fromkeys(["name", "number", "subject", "campaignName", "referralCode"], titles),
    **dict.fromkeys(["description", "assignee", "category", "brand", "paymentMethod", "trackingNumber"], texts),
    **dict.fromkeys(["referralCount", "points", "pageViews"], counts),
    "discount": amounts.map(lambda amount: -amount),
    "exchangeRate": st.decimals("0.000001", 999, places=12),
    "phone": titles,
    "avatarUrl": texts,
    "userAgent": texts,
    "addresses": st.lists(addresses, max_size=3),
    "optIns": st.fixed_dictionaries({}, optional=dict.fromkeys(["email", "sms", "push"], st.booleans())),
    "shippingAddress": texts | st.fixed_dictionaries({}, optional={"name": texts, "line1": texts, "phone": texts}),
    "lines": st.lists(
        st.fixed_dictionaries(
            {"name": titles, "quantity": quantities, "unitPrice": amounts}, optional={"sku": titles, "category": titles}
        ),
        max_size=5,
    ),
    "messages": st.lists(
        st.fixed_dictionaries({"id": ids, "content": texts, "at": instants, "fromCustomer": st.booleans()}), max_size=3
    ),
    "categoriesViewed": st.lists(st.fixed_dictionaries({"category": titles, "count": counts}), max_size=3),
}


@st.composite
def events(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    event_type = draw(st.sampled_from(TYPES))
    data = full(event_type)
    for field in list(data):
        if field in OPTIONAL[event_type] and field not in REQUIRED[event_type] and draw(st.booleans()):
            del data[field]
        elif field in VALUES and (event_type, field) not in EVERY_CHOICE:
            data[field] = draw(VALUES[field])
    if event_type == "analytics.session.recorded":
        data["endedAt"] = max(data["startedAt"], data["endedAt"], key=datetime.fromisoformat)
    return event_type, envelope(data) | {"eventId": draw(ids), "customerId": draw(ids), "occurredAt": draw(instants)}


@given(events())
def test_an_event_read_from_its_own_json_is_the_same_event(drawn: tuple[str, dict[str, Any]]) -> None:
    event_type, event = drawn
    first = read_event(event_type, event, SHOP)
    again = read_event(event_type, loads(first.as_json()), SHOP)
    assert again == first
    assert again.as_json() == first.as_json()


def with_instants_in_full(value: Any) -> Any:
    """The value with every instant as `as_json` writes it."""
    if isinstance(value, dict):
        return {name: with_instants_in_full(child) for name, child in value.items()}
    if isinstance(value, list):
        return [with_instants_in_full(child) for child in value]
    return "2026-01-01T00:00:00.000000Z" if value == AT else value
