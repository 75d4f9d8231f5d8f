"""JSON in and out without losing a digit."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.exact_json import dumps, loads

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=9)
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | texts,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3),
    max_leaves=10,
)


def nested(levels: int, opening: str = "[", closing: str = "]", inner: str = "") -> str:
    return opening * levels + inner + closing * levels


@pytest.mark.parametrize("text", ["0.30", "0.10", "12.00", "0", "-5", "1234567890123456789.01"])
def test_a_number_is_written_as_it_was_read(text: str) -> None:
    assert dumps(loads(text)) == text


def test_numbers_are_never_floats() -> None:
    value = loads('{"a": 0.1, "b": [1, 2.5e1], "c": 10}')
    assert value == {"a": Decimal("0.1"), "b": [1, Decimal(25)], "c": 10}
    assert not any(isinstance(number, float) for number in [value["a"], *value["b"], value["c"]])


@given(values)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert loads(dumps(value)) == value
    assert loads(dumps(value).encode()) == value


def test_text_is_compact_and_not_escaped() -> None:
    assert dumps({"name": "Zoë", "list": [1, 2]}) == '{"name":"Zoë","list":[1,2]}'


def test_instants_are_written_to_the_microsecond_in_utc() -> None:
    at = datetime(2026, 1, 2, 5, 4, 5, 6, timezone(timedelta(hours=2)))
    assert dumps([at]) == '["2026-01-02T03:04:05.000006Z"]'
    assert dumps([datetime(1, 1, 1, tzinfo=UTC)]) == '["0001-01-01T00:00:00.000000Z"]'


@pytest.mark.parametrize("value", [object(), {1, 2}, 1 + 2j])
def test_what_has_no_json_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        dumps(value)


def test_a_float_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps(float("nan"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nul",
        "'a'",
        "[1,]",
        "NaN",
        '{"a": Infinity}',
        "[-Infinity]",
        "1 2",
        "\ufeff1",
        "1e999999999",  # takes for ever to turn into an integer
        "-1E-999999999",
        "1e99999999999999999999",  # beyond what a Decimal can hold
        "1" * 5000,  # beyond what Python turns into an integer
    ],
)
def test_what_is_not_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        loads(text)


def test_bytes_that_are_not_utf_8_are_a_value_error() -> None:
    with pytest.raises(ValueError):
        loads(b'"\xff"')


@pytest.mark.parametrize("levels", [1, 10, 31])
def test_reasonable_nesting_is_fine(levels: int) -> None:
    assert dumps(loads(nested(levels))) == nested(levels)
    assert dumps(loads(nested(levels, '{"a":', "}", "1"))) == nested(levels, '{"a":', "}", "1")


@pytest.mark.parametrize("levels", [33, 100, 100_000])
def test_nesting_beyond_32_levels_is_refused(levels: int) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        loads(nested(levels))
    with pytest.raises(ValueError, match="nested too deeply"):
        loads(nested(levels, '{"a":', "}", "1"))
    with pytest.raises(ValueError, match="nested too deeply"):
        loads(nested(levels, '[{"a":', "}]", "1"))
