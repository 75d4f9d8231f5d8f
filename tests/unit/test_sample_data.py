"""The sample shop keeps its promises: same bytes for the same seed, valid events, and its fixed customers."""

import csv
import gzip
import json
import re
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import sample_data

NOW = date(2026, 11, 23)
SECTIONS = set(sample_data.FILES)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
ID = re.compile(r"[A-Za-z0-9._:@-]{1,64}")

Event = dict[str, Any]


def write(out: Path, *, seed: int = 7, customers: int = 120, big_orders: int = 30, now: date = NOW) -> dict[str, bytes]:
    sample_data.write_sample(out, seed=seed, customers=customers, big_orders=big_orders, now=now)
    return {path.name: path.read_bytes() for path in out.iterdir()}


def plain(name: str, content: bytes) -> str:
    return (gzip.decompress(content) if name.endswith(".gz") else content).decode()


def csv_event(row: dict[str, str]) -> Event:
    envelope = {name: row.pop(name) for name in ("eventId", "customerId", "occurredAt")}
    data: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
    return {"type": "payment.transaction.upserted", **envelope, "data": data | {"amount": Decimal(row["amount"])}}


def events_in(files: dict[str, bytes]) -> list[Event]:
    found: list[Event] = []
    for name, content in files.items():
        lines = plain(name, content).splitlines()
        if name.endswith(".csv"):
            found += map(csv_event, csv.DictReader(lines))
        else:
            found += (json.loads(line, parse_float=Decimal) for line in lines)
    return sorted(found, key=lambda event: (event["occurredAt"], event["eventId"]))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return write(tmp_path_factory.mktemp("sample"), big_orders=5000)


@pytest.fixture(scope="module")
def events(files: dict[str, bytes]) -> list[Event]:
    return events_in(files)


def of_type(events: list[Event], event_type: str, customer: str | None = None) -> list[Event]:
    return [event for event in events if event["type"] == event_type and customer in (None, event["customerId"])]


def newest(events: list[Event], event_type: str, key: str, customer: str | None = None) -> list[Any]:
    """The last version of each record."""
    found = {
        (event["customerId"], event["data"][key]): event["data"] for event in of_type(events, event_type, customer)
    }
    return list(found.values())


def test_same_seed_day_and_sizes_give_the_same_bytes(tmp_path: Path) -> None:
    assert write(tmp_path / "one", customers=30) == write(tmp_path / "two", customers=30)


def test_another_seed_or_day_gives_another_shop(tmp_path: Path) -> None:
    one = write(tmp_path / "one", customers=30)
    seed = write(tmp_path / "seed", customers=30, seed=8)
    day = write(tmp_path / "day", customers=30, now=date(2026, 11, 24))
    assert all(one[name] != seed[name] and one[name] != day[name] for name in one)


def test_more_customers_leave_the_others_as_they_were(tmp_path: Path) -> None:
    few = write(tmp_path / "few", customers=20)["customers.jsonl"].splitlines()
    more = write(tmp_path / "more", customers=40)["customers.jsonl"].splitlines()
    assert set(few) < set(more)


def test_the_same_set_on_another_day_has_the_same_event_ids(tmp_path: Path) -> None:
    today = events_in(write(tmp_path / "today", customers=40))
    later = events_in(write(tmp_path / "later", customers=40, now=date(2028, 3, 1)))
    assert {event["eventId"] for event in today} == {event["eventId"] for event in later}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_other_seeds_and_the_smallest_shop_have_every_section_too(tmp_path: Path, seed: int) -> None:
    events = events_in(write(tmp_path, seed=seed, customers=5))
    assert {event["type"] for event in events} == SECTIONS


def test_every_section_is_in_its_file(files: dict[str, bytes], events: list[Event]) -> None:
    assert {event["type"] for event in events} == SECTIONS
    assert set(files) == {*sample_data.FILES.values(), sample_data.ARCHIVE, sample_data.CSV_FILE}
    assert 8_000 <= len(events) <= 9_500


def test_csv_has_the_documented_header_and_leaves_absent_optionals_empty(files: dict[str, bytes]) -> None:
    header, *rows = files["payment-transactions.csv"].decode().splitlines()
    assert header == (
        "eventId,customerId,occurredAt,transactionId,amount,currency,status,at,methodId,orderId,updatedAt"
    )
    assert any(",," in row for row in rows)
    assert len(rows) > 50


def test_gzip_carries_no_time_and_no_name(files: dict[str, bytes]) -> None:
    """Bytes 3 to 7 are flags (no name) and the time of packing (none)."""
    assert files["orders-archive.jsonl.gz"][3:8] == bytes(5)


def test_envelopes_are_as_the_contract_says(events: list[Event]) -> None:
    for event in events:
        assert list(event) == ["type", "eventId", "customerId", "occurredAt", "data"]
        assert ID.fullmatch(event["eventId"])
        assert ID.fullmatch(event["customerId"])
    assert len({event["eventId"] for event in events}) == len(events)


def test_ids_in_data_are_valid(events: list[Event]) -> None:
    for event in events:
        ids = [value for name, value in event["data"].items() if name.endswith("Id")]
        assert all(ID.fullmatch(value) for value in ids), event


def test_instants_are_utc_and_nothing_has_happened_after_now(events: list[Event]) -> None:
    end = "2026-11-23"
    for event in events:
        data = event["data"]
        moments = [event["occurredAt"], *(value for name, value in data.items() if name.endswith("At") or name == "at")]
        assert all(INSTANT.fullmatch(moment) for moment in moments), event
        assert all(moment < end for moment in moments if moment != data.get("expiresAt")), event
        assert data.get("updatedAt", event["occurredAt"]) == event["occurredAt"]


def test_nobody_does_anything_before_registering(events: list[Event]) -> None:
    registered = {event["customerId"]: event["data"]["registeredAt"] for event in of_type(events, "customer.upserted")}
    assert len(registered) == 120
    assert all(event["occurredAt"] >= registered[event["customerId"]] for event in events)


def test_events_are_small_enough(files: dict[str, bytes]) -> None:
    assert max(len(line) for name, content in files.items() for line in plain(name, content).splitlines()) < 20_000


def test_foreign_orders_have_a_rate_and_the_shops_own_none(events: list[Event]) -> None:
    currencies = set()
    for event in of_type(events, "order.upserted"):
        order = event["data"]
        currencies.add(order["currency"])
        assert ("exchangeRate" in order) == (order["currency"] != "EUR")
        assert order.get("exchangeRate", 1) > 0
    assert {"EUR", "USD", "GBP", "JPY", "KWD"} <= currencies


def test_money_has_the_decimals_of_its_currency(events: list[Event]) -> None:
    for event in of_type(events, "order.upserted"):
        order = event["data"]
        amounts = [order[name] for name in ("total", "discount", "shipping", "tax", "refundedAmount") if name in order]
        for amount in (*amounts, *(line["unitPrice"] for line in order["lines"])):
            assert -Decimal(amount).as_tuple().exponent == sample_data.DECIMALS[order["currency"]], event  # type: ignore[operator]


def test_order_totals_add_up(events: list[Event]) -> None:
    for event in of_type(events, "order.upserted"):
        order = event["data"]
        goods = sum(line["quantity"] * line["unitPrice"] for line in order["lines"])
        extras = order.get("shipping", 0) + order.get("tax", 0) - order.get("discount", 0)
        assert order["total"] == goods + extras, event
        assert 0 <= order.get("refundedAmount", 0) <= order["total"], event


def test_versions_of_an_order_grow(events: list[Event]) -> None:
    versions = defaultdict(list)
    for event in of_type(events, "order.upserted"):
        versions[event["data"]["orderId"]].append(event["data"]["updatedAt"])
    assert any(len(times) > 3 for times in versions.values())
    assert all(times == sorted(set(times)) for times in versions.values())


def test_points_are_signed_and_never_overspent(events: list[Event]) -> None:
    balance: dict[str, int] = defaultdict(int)
    for event in of_type(events, "loyalty.points.recorded"):
        points, kind = event["data"]["points"], event["data"]["type"]
        balance[event["customerId"]] += points
        assert kind == "adjusted" or (points > 0) == (kind == "earned")
        assert balance[event["customerId"]] >= 0, event
    types = {event["data"]["type"] for event in of_type(events, "loyalty.points.recorded")}
    assert types == {"earned", "redeemed", "expired", "adjusted"}


def test_every_tier_is_reached(events: list[Event]) -> None:
    lifetime: dict[str, int] = defaultdict(int)
    for event in of_type(events, "loyalty.points.recorded"):
        lifetime[event["customerId"]] += event["data"]["points"] if event["data"]["type"] == "earned" else 0
    reached = {next(name for name, threshold in sample_data.TIERS if sum_ >= threshold) for sum_ in lifetime.values()}
    assert reached == {"bronze", "silver", "gold", "platinum"}


@pytest.mark.parametrize(
    ("event_type", "key", "name", "values"),
    [
        ("customer.upserted", "email", "status", "active pending suspended closed"),
        (
            "order.upserted",
            "orderId",
            "status",
            "pending processing shipped delivered completed cancelled refunded",
        ),
        ("payment.method.upserted", "methodId", "type", "card bank_account mobile_money wallet other"),
        ("payment.transaction.upserted", "transactionId", "status", "succeeded pending failed refunded"),
        ("marketing.message.upserted", "messageId", "channel", "email sms push"),
        ("support.ticket.upserted", "ticketId", "status", "open in_progress waiting resolved closed"),
        ("support.ticket.upserted", "ticketId", "priority", "low medium high urgent"),
    ],
)
def test_every_value_of_the_contract_occurs(
    events: list[Event], event_type: str, key: str, name: str, values: str
) -> None:
    assert {record[name] for record in newest(events, event_type, key)} == set(values.split())


def test_sessions_tell_their_device_or_their_user_agent(events: list[Event]) -> None:
    sessions = [event["data"] for event in of_type(events, "analytics.session.recorded")]
    assert all(("device" in session) != ("userAgent" in session) for session in sessions)
    assert {session["device"] for session in sessions if "device" in session} >= {"mobile", "desktop", "tablet"}
    assert all(session["startedAt"] < session["endedAt"] for session in sessions)


def passes_luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits))]
    return sum(each // 10 + each % 10 for each in doubled) % 10 == 0


def card_numbers(text: str) -> list[str]:
    """Any 13 to 19 digits in a run, spaces and dashes allowed, that pass Luhn: stricter than the gate we must pass."""
    found = []
    for run in re.findall(r"\d(?:[ -]*\d){12,}", text):
        digits = re.sub(r"\D", "", run)
        spans = [(start, start + size) for size in range(13, 20) for start in range(len(digits) - size + 1)]
        found += [digits[start:end] for start, end in spans if passes_luhn(digits[start:end])]
    return found


def test_the_search_for_card_numbers_finds_one() -> None:
    assert "4111111111111111" in card_numbers('{"description": "my card 4111 1111-1111 1111"}')


def test_no_card_number_anywhere(files: dict[str, bytes]) -> None:
    assert [found for name, content in files.items() for found in card_numbers(plain(name, content))] == []


def test_amelie_has_everything(events: list[Event]) -> None:
    hers = [event for event in events if event["customerId"] == "customer-amelie"]
    orders = newest(hers, "order.upserted", "orderId")
    assert {event["type"] for event in hers} == SECTIONS
    assert len({order["status"] for order in orders}) == 7
    assert {order["currency"] for order in orders} == {"EUR", "GBP", "USD"}
    assert any(order.get("refundedAmount", 0) and order["status"] != "refunded" for order in orders)
    assert len(of_type(hers, "customer.upserted")[-1]["data"]["addresses"]) == 2
    lapses = [event["data"].get("expiresAt", "") for event in of_type(hers, "loyalty.points.recorded")]
    assert any("2026-11-23" < each < "2026-12-23" for each in lapses)


def test_big_customer_has_5000_orders_one_event_each(files: dict[str, bytes]) -> None:
    archive = plain(sample_data.ARCHIVE, files[sample_data.ARCHIVE])
    events = [json.loads(line) for line in archive.splitlines()]
    assert {event["customerId"] for event in events} == {"customer-big"}
    assert len({event["data"]["orderId"] for event in events}) == len(events) == 5000


def test_empty_customer_has_a_profile_and_nothing_else(events: list[Event]) -> None:
    theirs = [event for event in events if event["customerId"] == "customer-empty"]
    assert [event["type"] for event in theirs] == ["customer.upserted"]
    assert theirs[0]["data"]["addresses"] == []


def test_lapsed_customer_was_good_and_is_silent(events: list[Event]) -> None:
    orders = newest(events, "order.upserted", "orderId", "customer-lapsed")
    assert len(orders) > 10
    assert max(order["placedAt"] for order in orders) < "2026-02-20"
    sessions = of_type(events, "analytics.session.recorded", "customer-lapsed")
    assert max(event["occurredAt"] for event in sessions) < "2026-02-20"


def test_unhappy_customer_waits_for_an_answer(events: list[Event]) -> None:
    tickets = newest(events, "support.ticket.upserted", "ticketId", "customer-unhappy")
    assert sum(ticket["status"] == "open" and ticket["priority"] == "urgent" for ticket in tickets) == 2
    assert newest(events, "order.upserted", "orderId", "customer-unhappy")[-1]["placedAt"] > "2026-11-01"


def test_one_name_has_an_emoji(events: list[Event]) -> None:
    assert of_type(events, "customer.upserted", "customer-0001")[0]["data"]["name"] == "Zoë 🌻 Lindqvist"


def test_command_line_defaults_to_today(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample_data.main(["--out", str(tmp_path / "new"), "--customers", "5", "--big-orders", "3"])
    written = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    newest_event = events_in(written)[-1]["occurredAt"]
    assert (datetime.now(UTC) - datetime.fromisoformat(newest_event)).days <= 3
    assert "3 orders-archive.jsonl.gz" in capsys.readouterr().out


def test_command_line_refuses_fewer_customers_than_the_fixed(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        sample_data.main(["--out", str(tmp_path), "--customers", "4"])
