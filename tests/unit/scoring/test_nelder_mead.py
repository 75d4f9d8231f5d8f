"""The search finds lowest points, says when it did not, and does the same every time."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.scoring.nelder_mead import Point, minimum

coordinates = st.floats(-20, 20)


@given(st.lists(st.tuples(coordinates, coordinates, st.floats(0.1, 10)), min_size=1, max_size=4))
def test_finds_the_bottom_of_a_bowl(axes: list[tuple[float, float, float]]) -> None:
    def bowl(point: Point) -> float:
        return sum(weight * (x - bottom) ** 2 for x, (_, bottom, weight) in zip(point, axes, strict=True))

    found = minimum(bowl, [start for start, _, _ in axes], width=1e-4, depth=1e-6)
    assert found.converged
    assert found.point == pytest.approx([bottom for _, bottom, _ in axes], abs=0.05)


def test_follows_a_bent_valley() -> None:
    """Rosenbrock's function; its minimum is at (1, 1)."""
    found = minimum(lambda p: (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2, (-1.2, 1.0), width=1e-6, depth=1e-9)
    assert found.converged
    assert found.point == pytest.approx((1, 1), abs=1e-3)


def test_stays_where_the_function_is_defined() -> None:
    found = minimum(lambda p: p[0] - math.log(p[0]) if p[0] > 0 else math.inf, (0.2,), width=1e-6, depth=1e-9)
    assert found.point == pytest.approx((1,), abs=1e-3)


def test_says_that_it_ran_out_of_evaluations() -> None:
    found = minimum(lambda p: p[0], (0.0,), most_evaluations=50)
    assert not found.converged
    assert found.evaluations >= 50
    assert found.value == found.point[0] < 0


def test_does_the_same_every_time() -> None:
    def uneven(point: Point) -> float:
        return abs(point[0] - 0.3) + math.hypot(*point)

    assert minimum(uneven, (5.0, 5.0)) == minimum(uneven, (5.0, 5.0))
