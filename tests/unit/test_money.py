"""Money is exact, in the decimals its currency has, half-up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.money import converted, minor_units, rounded

amounts = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6)
currencies = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF", "XXX"])


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("VND", 0), ("KWD", 3), ("BHD", 3), ("TND", 3), ("CLF", 4)],
)
def test_a_currency_has_its_own_decimals(currency: str, decimals: int) -> None:
    assert minor_units(currency) == decimals
    assert str(rounded(Decimal(1), currency)) == ("1." + "0" * decimals).rstrip(".")


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0.005", "EUR", "0.01"),
        ("0.015", "EUR", "0.02"),
        ("0.025", "EUR", "0.03"),  # not to even
        ("0.0049999", "EUR", "0.00"),
        ("-0.005", "EUR", "-0.01"),  # away from zero
        ("0.5", "JPY", "1"),
        ("2.5", "JPY", "3"),
        ("0.0005", "KWD", "0.001"),
        ("12", "EUR", "12.00"),
        ("999999999999999.995", "EUR", "1000000000000000.00"),
    ],
)
def test_rounding_is_half_up(amount: str, currency: str, expected: str) -> None:
    assert str(rounded(Decimal(amount), currency)) == expected


def test_a_tenth_three_times_is_three_tenths() -> None:
    assert str(sum([rounded(Decimal("0.10"), "EUR")] * 3, Decimal(0))) == "0.30"


@pytest.mark.parametrize(
    ("amount", "rate", "expected"),
    [
        ("10.00", "1.1", "11.00"),
        ("0.01", "0.5", "0.01"),
        ("0.01", "0.49", "0.00"),
        ("19.99", "0.923456789012", "18.46"),
        ("999999999999.999999", "99999999.999999999999", "99999999999999999899.00"),
    ],
)
def test_conversion_multiplies_exactly_and_rounds_once(amount: str, rate: str, expected: str) -> None:
    assert str(converted(Decimal(amount), Decimal(rate), "EUR")) == expected


def test_an_amount_of_the_shop_is_only_rounded() -> None:
    assert str(converted(Decimal("1.005"), None, "EUR")) == "1.01"


@given(amounts, currencies)
def test_rounding_moves_by_at_most_half_a_unit_and_only_once(amount: Decimal, currency: str) -> None:
    unit = Decimal(1).scaleb(-minor_units(currency))
    result = rounded(amount, currency)
    assert abs(result - amount) <= unit / 2
    assert result % unit == 0
    assert rounded(result, currency) == result
    assert result.as_tuple().exponent == -minor_units(currency)
    assert rounded(-amount, currency) == -result
