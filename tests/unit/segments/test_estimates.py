"""How many there are from how many were found among some: it is close, and it says how close."""

from math import sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.segments.estimates import estimated


@given(st.data())
def test_an_estimate_is_possible_and_its_margin_reaches_what_is_possible_at_least(data: st.DataObject) -> None:
    total = data.draw(st.integers(2, 10**7))
    evaluated = data.draw(st.integers(0, min(total - 1, 5000)))
    found = data.draw(st.integers(0, evaluated))
    count, margin = estimated(found, evaluated, total)
    assert margin is not None
    assert found <= count <= total - (evaluated - found)
    assert 0 < margin <= total
    other, same = estimated(evaluated - found, evaluated, total)
    assert evaluated == 0 or abs(count + other - total) <= 1  # those it is not are the rest
    assert same == margin or evaluated == 0


@given(total=st.integers(0, 10**6), found=st.integers(0, 10**6))
def test_of_all_it_is_exact(total: int, found: int) -> None:
    assert estimated(min(found, total), total, total) == (min(found, total), None)


def test_without_anybody_asked_anything_may_be() -> None:
    assert estimated(0, 0, 900) == (0, 900)


@pytest.mark.parametrize("found", [0, 1, 12, 200, 399, 400])
def test_the_more_are_asked_the_closer_it_is(found: int) -> None:
    few, more, nearly_all = (estimated(found * n, 400 * n, 40_000) for n in (1, 4, 99))
    assert (few.margin or 0) > (more.margin or 0) > (nearly_all.margin or 0) > 0


@pytest.mark.parametrize(("found", "evaluated", "total"), [(2000, 4000, 10**6), (400, 4000, 20_000), (50, 100, 400)])
def test_in_the_middle_of_the_scale_it_is_the_margin_of_the_textbook(found: int, evaluated: int, total: int) -> None:
    """1.96 standard errors of a share, with the finite population correction (Cochran 1977, 2.8)."""
    share = found / evaluated
    error = sqrt(share * (1 - share) / evaluated * (total - evaluated) / (total - 1))
    _, margin = estimated(found, evaluated, total)
    assert margin == pytest.approx(1.96 * error * total, rel=0.05)


@pytest.mark.parametrize(
    ("members", "evaluated", "total"),
    [(5000, 400, 10_000), (9_900, 400, 10_000), (300, 500, 10_000), (40, 400, 2_000), (1200, 1500, 2_000)],
)
def test_nineteen_of_twenty_margins_hold_the_truth(members: int, evaluated: int, total: int) -> None:
    random, rounds = Random(f"{members}-{evaluated}-{total}"), 1000
    held = 0
    for _ in range(rounds):
        found = sum(one < members for one in random.sample(range(total), evaluated))
        count, margin = estimated(found, evaluated, total)
        assert margin is not None
        held += abs(count - members) <= margin
    assert held / rounds >= 0.935  # 0.95, less two standard errors of so many rounds


def test_a_margin_is_no_wider_than_it_must_be() -> None:
    random, rounds, held = Random(7), 1000, 0
    for _ in range(rounds):
        found = sum(random.random() < 0.4 for _ in range(400))
        count, margin = estimated(found, 400, 10**7)
        held += abs(count - 4 * 10**6) <= (margin or 0)
    assert held / rounds <= 0.97
