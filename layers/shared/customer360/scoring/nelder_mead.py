"""The lowest point of a function of a few numbers, without derivatives.

Nelder & Mead (1965), "A simplex method for function minimization", The Computer Journal 7(4), with the usual
coefficients: reflection 1, expansion 2, contraction 1/2, shrinkage 1/2. Deterministic: ties keep their order.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

Point = tuple[float, ...]


class Minimum(NamedTuple):
    """`converged` is False where the evaluations ran out first; `point` is then only the best one seen."""

    value: float
    point: Point
    evaluations: int
    converged: bool


def minimum(
    function: Callable[[Point], float],
    start: Sequence[float],
    *,
    step: float = 0.3,
    width: float = 1e-3,
    depth: float = 1e-3,
    most_evaluations: int = 1000,
) -> Minimum:
    """The minimum near `start`: found when all corners lie within `width` of each other in every coordinate, and their
    values within `depth`. `function` may answer infinity where it is not defined, though not at the start.
    """
    evaluations = 0

    def corner(point: Point) -> tuple[float, Point]:
        nonlocal evaluations
        evaluations += 1
        return function(point), point

    origin = tuple(start)
    corners = [corner(origin), *(corner(_shifted(origin, axis, step)) for axis in range(len(origin)))]
    while True:
        corners.sort(key=lambda valued: valued[0])
        best, worst = corners[0], corners[-1]
        converged = worst[0] - best[0] <= depth and _spread(corners) <= width
        if converged or evaluations >= most_evaluations:
            return Minimum(*best, evaluations, converged)
        centre = tuple(sum(axis) / len(origin) for axis in zip(*(point for _, point in corners[:-1]), strict=True))
        reflected = corner(_between(centre, worst[1], -1.0))
        if reflected[0] < best[0]:
            corners[-1] = min(corner(_between(centre, worst[1], -2.0)), reflected, key=lambda valued: valued[0])
            continue
        if reflected[0] < corners[-2][0]:
            corners[-1] = reflected
            continue
        contracted = corner(_between(centre, worst[1], -0.5 if reflected[0] < worst[0] else 0.5))
        if contracted[0] < min(reflected[0], worst[0]):
            corners[-1] = contracted
        else:
            corners[1:] = [corner(_between(best[1], point, 0.5)) for _, point in corners[1:]]


def _shifted(point: Point, axis: int, step: float) -> Point:
    return (*point[:axis], point[axis] + step, *point[axis + 1 :])


def _between(centre: Point, point: Point, share: float) -> Point:
    return tuple(middle + share * (value - middle) for middle, value in zip(centre, point, strict=True))


def _spread(corners: Sequence[tuple[float, Point]]) -> float:
    axes: Iterable[Point] = zip(*(point for _, point in corners), strict=True)
    return max(max(values) - min(values) for values in axes)
