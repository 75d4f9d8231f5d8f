"""CSV rows become the same events that JSON would have been."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.ingestion.csv_rows import BadHeader, CsvReader, ends_inside_quotes, parse_row
from customer360.ingestion.events import RECORDS, Rejected, read_event
from customer360.sources.record import Shop

SHOP = Shop("EUR", ZoneInfo("UTC"))
AT = "2026-01-01T00:00:00Z"
CUSTOMER = "customerId,name,email,registeredAt,status,updatedAt"
PAYMENT = "customerId,transactionId,amount,currency,status,at,updatedAt"


def event_of(event_type: str, header: str, row: str) -> dict[str, Any]:
    return CsvReader(event_type, header).event(row)


def data_of(event_type: str, header: str, row: str) -> dict[str, Any]:
    data: dict[str, Any] = event_of(event_type, header, row)["data"]
    return data


def payment_row(amount: str) -> dict[str, Any]:
    return event_of("payment.transaction.upserted", PAYMENT, f"c1,p1,{amount},EUR,succeeded,{AT},{AT}")


def test_a_row_becomes_a_valid_event() -> None:
    header = "eventId,occurredAt," + CUSTOMER + ",phone,optIns.email,optIns.sms"
    event = event_of("customer.upserted", header, f"e1,{AT},c1,Ada,ada@example.com,{AT},active,{AT},0042,true,FALSE")
    assert event == {
        "type": "customer.upserted",
        "eventId": "e1",
        "customerId": "c1",
        "occurredAt": AT,
        "data": {
            "name": "Ada",
            "email": "ada@example.com",
            "registeredAt": AT,
            "status": "active",
            "updatedAt": AT,
            "phone": "0042",
            "optIns": {"email": True, "sms": False},
        },
    }
    assert read_event(event["type"], event, SHOP).customer_id == "c1"


@pytest.mark.parametrize("amount", ["0.10", "25", "1234567.89"])
def test_amounts_are_exact_numbers(amount: str) -> None:
    assert Decimal(payment_row(amount)["data"]["amount"]) == Decimal(amount)
    assert not isinstance(payment_row(amount)["data"]["amount"], str | float)


@pytest.mark.parametrize("amount", ["1,5", "ten", "NaN", "1.2.3", "€5", "1e99999999999999999999"])
def test_what_is_no_number_is_refused_by_the_name_of_its_column(amount: str) -> None:
    event = payment_row(f'"{amount}"')
    with pytest.raises(Rejected) as refusal:
        read_event(event["type"], event, SHOP)
    assert [error["field"] for error in refusal.value.errors] == ["data.amount"]


def test_digits_in_a_text_column_stay_text() -> None:
    header = "customerId,methodId,type,isDefault,updatedAt,last4,brand"
    data = data_of("payment.method.upserted", header, f"c1,0123,card,true,{AT},0042,007")
    assert (data["methodId"], data["last4"], data["brand"], data["isDefault"]) == ("0123", "0042", "007", True)


def test_lists_are_json_in_their_cell() -> None:
    header = "customerId,orderId,number,placedAt,status,currency,total,updatedAt,lines"
    lines = '"[{""name"": ""Tea"", ""quantity"": 2, ""unitPrice"": 0.10}]"'
    data = data_of("order.upserted", header, f"c1,o1,1001,{AT},completed,EUR,0.20,{AT},{lines}")
    assert data["lines"] == [{"name": "Tea", "quantity": 2, "unitPrice": Decimal("0.10")}]
    assert data["number"] == "1001"


def test_an_address_may_be_columns_of_its_own_or_one_text() -> None:
    header = "customerId,orderId,number,placedAt,status,currency,total,updatedAt,lines,"
    row = f"c1,o1,1001,{AT},completed,EUR,0.20,{AT},[],"
    columns = data_of("order.upserted", header + "shippingAddress.city,shippingAddress.line1", row + "London,1 High St")
    assert columns["shippingAddress"] == {"city": "London", "line1": "1 High St"}
    assert data_of("order.upserted", header + "shippingAddress", row + "1 High St")["shippingAddress"] == "1 High St"


def test_an_empty_cell_is_an_absent_field() -> None:
    data = data_of("customer.upserted", CUSTOMER + ",phone,addresses", f"c1,Ada,a@example.com,{AT},active,{AT},,")
    assert data.keys() == {"name", "email", "registeredAt", "status", "updatedAt"}


def test_columns_the_type_does_not_have_are_ignored() -> None:
    row = f"c1,Ada,a@example.com,{AT},active,{AT},42"
    assert "shoeSize" not in data_of("customer.upserted", CUSTOMER + ",shoeSize", row)


def test_the_order_and_the_padding_of_the_columns_do_not_matter() -> None:
    header = "updatedAt , status,registeredAt,email,name,customerId"
    event = event_of("customer.upserted", header, f"{AT},active,{AT},a@example.com,Ada,c1")
    assert event["customerId"] == "c1"
    assert event["data"]["updatedAt"] == AT


def test_the_same_row_has_the_same_event_id_and_another_row_another() -> None:
    first, again, other = payment_row("1.00"), payment_row("1.00"), payment_row("1.01")
    assert first["eventId"] == again["eventId"] != other["eventId"]
    assert read_event(first["type"], first, SHOP).event_id == first["eventId"]


@pytest.mark.parametrize(
    ("event_type", "header", "row"),
    [
        ("customer.upserted", CUSTOMER, f"c1,Ada,a@example.com,2020-01-01T00:00:00Z,active,{AT}"),
        (
            "loyalty.points.recorded",
            "customerId,transactionId,type,points,description,at",
            f"c1,l1,earned,5,Order,{AT}",
        ),
        ("analytics.session.recorded", "customerId,sessionId,startedAt,endedAt", f"c1,s1,{AT},2026-01-02T00:00:00Z"),
        ("payment.transaction.upserted", PAYMENT, f"c1,p1,1,EUR,succeeded,2025-01-01T00:00:00Z,{AT}"),
    ],
)
def test_without_its_own_an_event_occurred_when_the_record_says(event_type: str, header: str, row: str) -> None:
    assert event_of(event_type, header, row)["occurredAt"] == AT


def test_cells_may_hold_commas_quotes_and_line_breaks() -> None:
    row = f'c1,"Ada ""the first"", Countess\r\nof Lovelace",a@example.com,{AT},active,{AT}'
    assert data_of("customer.upserted", CUSTOMER, row)["name"] == 'Ada "the first", Countess\r\nof Lovelace'


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_line_breaks_end_a_row(sign: str) -> None:
    row = f"c1,Ada{sign}Lovelace,a@example.com,{AT},active,{AT}"
    assert data_of("customer.upserted", CUSTOMER, row)["name"] == f"Ada{sign}Lovelace"


@pytest.mark.parametrize("row", ["", "c1", f"c1,Ada,a@example.com,{AT},active,{AT},more", "a,b\nc,d", '"', 'a"b,c,"d'])
def test_a_row_that_does_not_fit_the_header_is_refused(row: str) -> None:
    with pytest.raises(ValueError, match=r"columns|CSV"):
        CsvReader("customer.upserted", CUSTOMER).event(row)


@pytest.mark.parametrize(
    ("event_type", "header", "complaint"),
    [
        ("order.shipped", "customerId", "order.shipped"),
        ("", "customerId", "no event type"),
        ("customer.upserted", "customerId,name", "lacks email, registeredAt, status, updatedAt"),
        ("customer.upserted", CUSTOMER.removeprefix("customerId,"), "lacks customerId"),
        ("customer.upserted", CUSTOMER + ",name", "repeats name"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(event_type: str, header: str, complaint: str) -> None:
    with pytest.raises(BadHeader, match=complaint):
        CsvReader(event_type, header)


def test_a_column_and_a_part_of_it_do_not_go_together() -> None:
    with pytest.raises(ValueError, match="has both optIns and optIns"):
        event_of(
            "customer.upserted",
            CUSTOMER + ",optIns,optIns.email",
            f"c1,Ada,a@example.com,{AT},active,{AT},true,true",
        )


@pytest.mark.parametrize("event_type", list(RECORDS))
def test_every_type_can_be_a_file(event_type: str) -> None:
    fields = {str(field.alias): field for field in RECORDS[event_type].model_fields.values()}
    columns = ["customerId", *fields]
    event = CsvReader(event_type, ",".join(columns)).event(",".join("7" for _ in columns))
    assert event["data"].keys() == fields.keys()


@pytest.mark.parametrize(
    ("lines", "ends"),
    [
        ([b"a,b\n"], [False]),
        ([b'a,"b\n', b"c\n", b'd",e\n'], [True, True, False]),
        ([b'"a ""b"" c"\n'], [False]),
        ([b'a 5" screen,b\n'], [False]),
        ([b'"a\n', b'""\n', b'"\n'], [True, True, False]),
    ],
)
def test_a_record_goes_on_while_a_quote_is_open(lines: list[bytes], ends: list[bool]) -> None:
    inside, found = False, []
    for line in lines:
        inside = ends_inside_quotes(line, inside)
        found.append(inside)
    assert found == ends


moments = st.datetimes(datetime(1000, 1, 2), datetime(9998, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  Hypothesis wants naive bounds
cells = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]) | st.sampled_from('",\n'), max_size=20)


@given(st.lists(cells, min_size=2, max_size=6))
def test_what_a_csv_writer_wrote_is_read_back(row: list[str]) -> None:
    text = io.StringIO()
    csv.writer(text).writerow(row)
    assert parse_row(text.getvalue()) == row
    inside = False
    for line in text.getvalue().encode().splitlines(keepends=True):
        inside = ends_inside_quotes(line, inside)
    assert not inside


@given(moments, st.text("abc 1é,\"'", min_size=1))
def test_a_row_and_the_same_json_are_the_same_event(at: datetime, description: str) -> None:
    instant, description = at.isoformat(), f"x{description}x"
    text = io.StringIO()
    csv.writer(text).writerow(["e1", "c1", "l1", "earned", 7, description, instant])
    header = "eventId,customerId,transactionId,type,points,description,at"
    points = {"transactionId": "l1", "type": "earned", "points": 7, "description": description, "at": instant}
    event = event_of("loyalty.points.recorded", header, text.getvalue().rstrip("\r\n"))
    json = {"eventId": "e1", "customerId": "c1", "occurredAt": instant, "data": points}
    assert read_event(event["type"], event, SHOP) == read_event(event["type"], json, SHOP)
