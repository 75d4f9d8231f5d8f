"""What a customer is recognised by in words: theirs, and nobody else's."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.exact_json import dumps, loads
from customer360.privacy.known import Known
from customer360.privacy.receipt import PLACES

ADA = Known(
    "c-12",
    names=("Ada Lovelace", "Ada Byron", "Cher"),
    emails=("Ada@Example.com", "ada.byron@example.org"),
    phones=("+44 20 7946 0123", "1234"),
)


@pytest.mark.parametrize(
    "text",
    [
        "c-12",
        '{"customerId":"c-12"',
        "order;c-12;25.00",
        "of ADA@EXAMPLE.COM",
        "call +44 (20) 7946-0123 today",
        "02079460123",
        "0044 20 7946 0123",
    ],
)
def test_the_id_an_e_mail_or_a_phone_identifies_the_customer(text: str) -> None:
    assert ADA.is_identified_in(text)


@pytest.mark.parametrize(
    "text",
    ["c-123", "xc-12", "c-12.a", "c-1", "ada@example.net", "7946 0124", "0123", "1234", "Ada Lovelace", "", "0000000"],
)
def test_what_may_be_of_somebody_else_does_not(text: str) -> None:
    assert not ADA.is_identified_in(text)


@pytest.mark.parametrize("text", ["lovelace, ADA", "ada byron vip", "cher", "c-12", "ada@example.com"])
def test_a_search_for_a_whole_name_is_about_the_customer(text: str) -> None:
    assert ADA.is_sought_by(text)


@pytest.mark.parametrize("text", ["ada", "lovelace", "cheryl", "ada@example", "byron lovelace"])
def test_a_search_that_finds_others_too_is_not(text: str) -> None:
    assert not ADA.is_sought_by(text)


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
