"""What a customer is recognised by in words: theirs, and nobody else's."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.exact_json import dumps, loads
from customer360.privacy.known import Known
from customer360.privacy.receipt import PLACES

ADA = Known(
    "cust-12",
    names=("Ada Lovelace", "Ada Byron", "Cher"),
    emails=("Ada@Example.com", "ada.byron@example.org"),
    phones=("+44 20 7946 0123", "1234"),
)


@pytest.mark.parametrize(
    "text",
    [
        "cust-12",
        '{"customerId":"cust-12"',
        "order;cust-12;25.00",
        "of ADA@EXAMPLE.COM.",
        r'{"note":"of\nada@example.com"}',
        r"Ada \u003cada\u0040example.com\u003e",
        "<mailto:ada@example.com>",
        "我的邮箱是ada@example.com谢谢",
        "อีเมลada@example.comครับ",
        r'{"d":"call 020 7946 0123\n2 parcels"',
        r'{"phone":"020 7946 0123\t75001"',
        "call +44 (20) 7946-0123 today",
        "02079460123",
        "0044 20 7946 0123",
    ],
)
def test_the_id_an_e_mail_or_a_phone_identifies_the_customer(text: str) -> None:
    assert ADA.is_identified_in(text)


@pytest.mark.parametrize("phone", ["+44 20 7946 0123", "+44 (0)20 7946 0123", "020 7946 0123"])
@pytest.mark.parametrize(
    "text",
    [
        *("+44 20 7946 0123", "+44 (0)20 7946 0123", "0044(0)20/79460123", "Ada 020 7946 0123, Bob 020 7946 0999"),
        *("020‑7946‑0123", "+44–20–7946–0123", "+44\u00a020\u202f7946\u20090123", "020 79\u200b46 01\u206023"),
        *("＋４４（０）２０　７９４６－０１２３", "2026–020 7946 0123", "020 7946 0999 – 020 7946 0123"),
    ],
)
def test_a_phone_identifies_the_customer_however_either_is_written(phone: str, text: str) -> None:
    assert Known("c", phones=(phone,)).is_identified_in(f"call {text}\n2 parcels")


def test_a_placeholder_for_a_phone_identifies_nobody() -> None:
    assert not Known("c", phones=("0000000",)).is_identified_in("00000000-0000-0000-0000-000000000000")


@pytest.mark.parametrize(("phone", "is_one"), [("555 0123", True), ("55 0123", False)])
def test_a_phone_has_seven_digits_at_least(phone: str, is_one: bool) -> None:
    assert Known("c", phones=(phone,)).is_identified_in(f"call {phone} today") is is_one


@pytest.mark.parametrize(
    "text",
    [
        *("cust-123", "xcust-12", "cust-12.a", "cust-1", "crm:cust-12"),
        *("ada@example.net", "canada@example.com", "m.ada@example.com", "ada@example.com.au", "ada@example.community"),
        *("7946 0124", "0123", "1234", "Ada Lovelace", "", "0000000"),
    ],
)
def test_what_may_be_of_somebody_else_does_not(text: str) -> None:
    assert not ADA.is_identified_in(text)


NUMBERED = Known("471108150", names=("5 Mai", "Max", "王伟"))
SHORT = tuple(map(Known, ("30", "471108", "20261123", "2026-11-23", "12.50", "gold", "a-1")))


@pytest.mark.parametrize(
    "text",
    [
        '{"customerId":471108150,"street":"High Street"',
        '{"customer":471108150}',
        '{"id": 471108150}',
        "o1,471108150,25.00",
    ],
)
def test_an_id_of_many_digits_identifies_the_customer_also_as_a_number(text: str) -> None:
    assert NUMBERED.is_identified_in(text)


@pytest.mark.parametrize("known", SHORT, ids=lambda known: known.customer_id)
@pytest.mark.parametrize(
    "text", ["c-9,p-1,earned,{},Tea, green,2026-01-01", '{{"points":{}}}', "Top {} customers", "{}", "{} mai"]
)
def test_an_id_that_may_be_anything_identifies_nobody_by_itself(known: Known, text: str) -> None:
    text = text.format(known.customer_id)
    assert not known.is_identified_in(text)
    assert not known.is_sought_by(text)


@pytest.mark.parametrize("known", SHORT, ids=lambda known: known.customer_id)
@pytest.mark.parametrize(
    "text",
    [
        '{{"customerId":{},"name":"Ada',
        '{{"customerId" : "{}", "name": "Ada',
        r"{{\"customerId\":\"{}\"",
        "customerId={}",
    ],
)
def test_an_id_of_any_length_does_in_its_field(known: Known, text: str) -> None:
    assert known.is_identified_in(text.format(known.customer_id))
    assert not known.is_identified_in(text.format(f"{known.customer_id}1"))
    assert not known.is_identified_in(text.format(f"1{known.customer_id}"))


identifiers = st.from_regex(r"[A-Za-z0-9._:@-]{1,64}", fullmatch=True)


@given(identifiers, identifiers)
def test_in_its_field_an_id_is_the_customers_own_and_nobody_elses(own: str, other: str) -> None:
    assert Known(own).is_identified_in(dumps({"customerId": own})[:-1])
    assert Known(own).is_identified_in(dumps({"customerId": other, "points": 5})[:-1]) == (own == other)


@pytest.mark.parametrize("text", ["lovelace, ADA", "ada byron vip", "cher", "cust-12", "ada@example.com"])
def test_a_search_for_a_whole_name_is_about_the_customer(text: str) -> None:
    assert ADA.is_sought_by(text)


@pytest.mark.parametrize("text", ["ada", "lovelace", "cheryl", "ada@example", "byron lovelace"])
def test_a_search_that_finds_others_too_is_not(text: str) -> None:
    assert not ADA.is_sought_by(text)


@pytest.mark.parametrize(("text", "is_sought"), [("5 mai", True), ("王伟", True), ("max", False), ("max 5", False)])
def test_a_name_of_one_short_word_is_nobodys(text: str, is_sought: bool) -> None:
    assert NUMBERED.is_sought_by(text) == is_sought


names = st.text(min_size=1, max_size=30)


@given(st.lists(st.tuples(names, names, names | st.none()), max_size=5))
def test_all_that_the_record_ever_said_is_known_and_comes_back_as_it_was_kept(
    versions: list[tuple[str, str, str | None]],
) -> None:
    told = [dict(zip(("name", "email", "phone"), version, strict=True)) for version in versions]
    known = Known.of_versions("c", told)
    assert {name for name, _, _ in versions} == set(known.names)
    assert {email for _, email, _ in versions} == set(known.emails)
    assert {phone for _, _, phone in versions if phone} == set(known.phones)
    assert Known.from_stored(known.to_store()) == known
    assert Known.from_stored(loads(dumps(known.to_store()))) == known


def test_of_very_many_names_the_latest_are_known() -> None:
    told = [
        {"name": f"{number} {'é' * 200}", "email": f"{number}@example.com", "phone": None} for number in range(2000)
    ]
    known = Known.of_versions("c", told)
    assert known.names == tuple(version["name"] for version in told[: len(known.names)])
    assert 100 < len(known.names) < 1000


def test_every_place_says_what_it_is_and_each_is_looked_through_once() -> None:
    from customer360.privacy import places

    assert [place.name for place in places.PLACES] == list(PLACES)
    assert len(set(PLACES.values())) == len(PLACES)


def test_what_is_kept_of_a_long_history_fits_into_an_item_whatever_the_letters() -> None:
    versions = [{"name": f"{number}" + "\N{GRINNING FACE}" * 200} for number in range(1000)]
    known = Known.of_versions("c-1", versions)
    assert known.names
    assert len(json.dumps(known.to_store())) < 300_000
