"""Averages and percentages have one decimal, half-up, and are 0.0 of nothing."""

from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.ratios import average, percentage

counts = st.integers(0, 10**12).map(Decimal)
totals = st.decimals(0, 10**15, places=3)


def half_up(number: Fraction) -> Decimal:
    """The nearest tenth, by whole numbers only."""
    return Decimal(floor(number * 10 + Fraction(1, 2))).scaleb(-1)


@given(total=totals, count=counts)
def test_an_average_is_the_nearest_tenth(total: Decimal, count: Decimal) -> None:
    expected = half_up(Fraction(total) / Fraction(count)) if count else Decimal("0.0")
    assert str(average(total, count)) == str(expected)


@given(numbers=st.tuples(counts, counts))
def test_a_percentage_of_a_part_is_between_none_and_all(numbers: tuple[Decimal, Decimal]) -> None:
    part, whole = sorted(numbers)
    share = percentage(part, whole)
    assert 0 <= share <= 100
    assert share == (half_up(100 * Fraction(part) / Fraction(whole)) if whole else 0)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, "0.0"),
        (0, 5, "0.0"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (1, 2000, "0.1"),  # 0.05 goes up
        (1, 2001, "0.0"),
        (1999, 2000, "100.0"),
        (7, 7, "100.0"),
    ],
)
def test_what_is_shown_of_a_share(part: int, whole: int, shown: str) -> None:
    assert str(percentage(Decimal(part), Decimal(whole))) == shown
