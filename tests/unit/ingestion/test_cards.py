"""Full card numbers are found wherever people write them, and nothing else is taken for one."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.ingestion.cards import (
    IDENTIFIERS,
    PAYMENT_IDENTIFIERS,
    card_fields,
    has_card_number,
    luhn,
    masked,
    redacted,
)

# Numbers the networks and the payment providers publish for tests.
TEST_CARDS = {
    "visa": ["4111111111111111", "4012888888881881", "4242424242424242", "4222222222222", "4917610000000000003"],
    "mastercard": ["5555555555554444", "5105105105105100", "2223003122003222", "2720990000000007"],
    "american express": ["378282246310005", "371449635398431", "340000000000009"],
    "diners club": ["30569309025904", "38520000023237", "36227206271667"],
    "discover": ["6011111111111117", "6011000990139424", "6445644564456445", "6500000000000002"],
    "jcb": ["3530111333300000", "3566002020360505"],
    "unionpay": ["6200000000000005", "6212345678901232", "6205500000000000004"],
    "maestro": ["6759649826438453", "6304000000000000", "6761000000000006", "501800000009", "5020500000000000008"],
    "mir": ["2200000000000004", "2201382000000013"],
    "rupay": ["6071000000000001", "8171999927660000"],
}
ALL_CARDS = [number for numbers in TEST_CARDS.values() for number in numbers]
VISA = "4111111111111111"

# Documented prefix ranges and lengths, from which cards are drawn.
ISSUERS: list[tuple[range, list[int]]] = [
    (range(4, 5), [13, 16, 19]),
    (range(51, 56), [16]),
    (range(2221, 2721), [16]),
    (range(34, 35), [15]),
    (range(37, 38), [15]),
    (range(36, 37), [14]),
    (range(6011, 6012), [16, 19]),
    (range(644, 650), [16]),
    (range(3528, 3590), [16]),
    (range(62, 63), [16, 19]),
    (range(6761, 6764), [12, 16, 19]),
]
SEPARATORS = [
    " ",
    "-",
    "\u00a0",
    "\u202f",
    "\u2009",
    "\n",
    "\t",
    "\u2010",
    "\u2011",
    "\u2013",
    "\u2014",
    "\u2212",
    " - ",
]
FULL_WIDTH = str.maketrans("0123456789", "".join(chr(0xFF10 + digit) for digit in range(10)))


def check_digit(digits: str) -> str:
    """By the textbook, apart from the code under test: double every second digit from the right, cast out nines."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if position % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return str(-total % 10)


@st.composite
def cards(draw: st.DrawFn) -> str:
    prefixes, lengths = draw(st.sampled_from(ISSUERS))
    prefix, length = str(draw(st.sampled_from(prefixes))), draw(st.sampled_from(lengths))
    rest = draw(st.text("0123456789", min_size=length - len(prefix) - 1, max_size=length - len(prefix) - 1))
    return prefix + rest + check_digit(prefix + rest)


@st.composite
def written(draw: st.DrawFn, number: str) -> str:
    """The number as a person might write it: in groups, with spaces or dashes, in either width of digits."""
    cuts = sorted(draw(st.sets(st.integers(1, len(number) - 1), max_size=5)))
    groups = [number[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
    text = draw(st.sampled_from(SEPARATORS)).join(groups)
    return text.translate(FULL_WIDTH) if draw(st.booleans()) else text


def words() -> st.SearchStrategy[str]:
    """Text around a card, ending in a letter on its side: no digits, nor what becomes one (㏠ is `1日` in NFKC)."""
    other = st.characters(exclude_categories=["N", "Cs"]).filter(
        lambda character: not re.search(r"\d", unicodedata.normalize("NFKC", character))
    )
    return st.text(other, max_size=20).map(lambda text: f"x{text}x")


def placed(path: str, value: Any) -> Any:
    """An event with the value at a dotted path, `*` being the first place of a list."""
    for name in reversed(path.split(".")):
        value = [value] if name == "*" else {name: value}
    return value


def in_fours(number: str, separator: str) -> str:
    return separator.join(number[start : start + 4] for start in range(0, len(number), 4))


@pytest.mark.parametrize("number", ALL_CARDS)
def test_every_issuers_test_cards_are_found(number: str) -> None:
    assert check_digit(number[:-1]) == number[-1], "the list itself is wrong"
    assert has_card_number(f"paid with {number}, thanks")


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("number", [VISA, "378282246310005", "4917610000000000003"])
def test_groups_may_be_separated_by_spaces_and_dashes(number: str, separator: str) -> None:
    assert has_card_number(in_fours(number, separator))


def test_full_width_digits_are_digits() -> None:
    assert has_card_number(VISA.translate(FULL_WIDTH))


@pytest.mark.parametrize("text", [f"card:{VISA}.", f"({VISA})", f"x{VISA}y", f"12/28 {VISA} 123", f"1 {VISA}"])
def test_what_stands_around_a_card_does_not_hide_it(text: str) -> None:
    assert has_card_number(text)
    assert VISA[:-4] not in redacted(text)


@pytest.mark.parametrize("number", ALL_CARDS)
def test_a_wrong_check_digit_is_no_card(number: str) -> None:
    assert not has_card_number(number[:-1] + str((int(number[-1]) + 1) % 10))


@pytest.mark.parametrize("stem", ["911111111111111", "011111111111111", "700000000000000", "199999999999999"])
def test_an_unknown_prefix_is_no_card(stem: str) -> None:
    assert not has_card_number(stem + check_digit(stem))


@pytest.mark.parametrize(
    "stem", ["41111111111111", "5105105105105", "37828224631000512", "4" + "1" * 10], ids=["15", "14", "18", "12"]
)
def test_a_length_the_issuer_does_not_use_is_no_card(stem: str) -> None:
    assert not has_card_number(stem + check_digit(stem))


@pytest.mark.parametrize("run", [f"{VISA}0000", f"0000{VISA}", f"99{VISA}99", VISA * 2, "4" + "0" * 60])
def test_a_card_inside_a_longer_run_of_digits_is_no_card(run: str) -> None:
    assert not has_card_number(run)


@pytest.mark.parametrize("text", ["4111.1111.1111.1111", "4111/1111/1111/1111", "4111,1111,1111,1111", ""])
def test_other_separators_are_not_looked_through(text: str) -> None:
    assert not has_card_number(text)


@given(st.text("0123456789", min_size=1, max_size=25))
def test_luhn_accepts_exactly_the_right_check_digit(digits: str) -> None:
    right = check_digit(digits)
    assert [last for last in "0123456789" if luhn(digits + last)] == [right]


@given(st.data(), cards(), words(), words())
def test_a_card_anywhere_in_a_text_is_found_and_masked(data: st.DataObject, card: str, before: str, after: str) -> None:
    text = before + data.draw(written(card)) + after
    assert has_card_number(text)
    safe = redacted(text)
    assert not has_card_number(safe)
    left = "".join(re.findall(r"\d", safe))
    assert len(left) <= 4
    assert card.endswith(left)


@given(st.data(), st.lists(cards(), min_size=1, max_size=3), st.integers(0, 9999))
def test_masking_leaves_no_card_in_an_event(data: st.DataObject, numbers: list[str], other: int) -> None:
    texts = [f"no {other}: {data.draw(written(number))} ok" for number in numbers]
    event = {"data": {"description": "; ".join(texts), "messages": [{"content": text} for text in texts]}}
    assert list(card_fields(event))
    safe = masked(event)
    assert not list(card_fields(safe))
    assert not any(number[:-4] in re.sub(r"\D", "", text) for number in numbers for text in leaves(safe))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_text_without_a_card_is_left_as_it_is(text: str) -> None:
    if not has_card_number(text):
        assert redacted(text) == text
        assert masked({"note": text}) == {"note": text}


def test_the_last_four_digits_stay_readable() -> None:
    assert redacted("with 4111 1111 1111 1234 5") == "with 4111 1111 1111 1234 5"
    assert redacted("with 4242 4242 4242 4242, twice") == "with ••••••••4242, twice"


@pytest.mark.parametrize("text", ["5105 0000 0001 4111 1111 1111 1111", "5018 0007 4111 1111 1111 1111"])
def test_cards_that_overlap_are_all_masked(text: str) -> None:
    assert not has_card_number(redacted(text))
    assert not list(card_fields(masked({"note": text})))


@pytest.mark.parametrize("path", sorted(IDENTIFIERS))
def test_identifiers_and_phones_that_pass_luhn_are_not_looked_at(path: str) -> None:
    event = placed(path, VISA)
    assert not list(card_fields(event))
    assert masked(event) == event


@pytest.mark.parametrize(
    "path", ["data.methodId", "data.description", "data.id", "data.lines.*.id", "data.messages.*.sku"]
)
def test_every_other_field_is_looked_at(path: str) -> None:
    event = placed(path, f"is {VISA}")
    assert list(card_fields(event)) == [path.replace("*", "0")]
    assert masked(event) == placed(path, "is ••••••••1111")


@pytest.mark.parametrize("name", ["number", "id", "methodId", "cardNumber", "phone"])
def test_in_a_payment_event_numbers_are_looked_at_too(name: str) -> None:
    event = {"data": {name: VISA}}
    assert list(card_fields(event, identifiers=PAYMENT_IDENTIFIERS)) == [f"data.{name}"]
    assert masked(event, identifiers=PAYMENT_IDENTIFIERS) == {"data": {name: "••••••••1111"}}


@pytest.mark.parametrize("path", ["data.transactionId", "data.orderId", "customerId", "eventId"])
def test_in_a_payment_event_ids_of_other_things_are_not_looked_at(path: str) -> None:
    assert not list(card_fields(placed(path, VISA), identifiers=PAYMENT_IDENTIFIERS))


def test_an_identifier_that_is_an_object_does_not_hide_what_is_in_it() -> None:
    event = {"data": {"phone": {"note": VISA}, "number": [VISA]}}
    assert list(card_fields(event)) == ["data.phone.note", "data.number.0"]
    assert not list(card_fields(masked(event)))


def test_a_card_as_the_name_of_a_field_is_found_and_neither_kept_nor_told() -> None:
    assert list(card_fields({"data": {VISA: 1}})) == ["data.••••••••1111"]
    assert masked({VISA: 1}) == {"••••••••1111": 1}


@pytest.mark.parametrize("number", [int(VISA), Decimal(VISA), Decimal(f"{VISA}.00")])
def test_a_card_as_a_number_is_found_and_masked(number: Any) -> None:
    assert list(card_fields({"note": number}))
    assert VISA not in str(masked({"note": number}))


@pytest.mark.parametrize("value", [True, None, 12.5, Decimal("25.00"), 3])
def test_other_values_stay_what_they_are(value: Any) -> None:
    assert masked({"note": value}) == {"note": value}


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for child in value.values() for text in leaves(child)]
    if isinstance(value, list):
        return [text for child in value for text in leaves(child)]
    return [str(value)]
