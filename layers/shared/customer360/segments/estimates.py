"""How many of all customers are of some kind, from how many of those drawn at random are. Pure."""

from math import ceil, sqrt
from typing import NamedTuple

# Of a normal distribution, 95 % lies within so many standard deviations of its middle.
Z = 1.959964


class Estimate(NamedTuple):
    """How many there are; `margin` is what that is off by at most, either way, in 19 of 20 estimates, None where it is
    exact."""

    customers: int
    margin: int | None


def estimated(found: int, evaluated: int, total: int) -> Estimate:
    """Of `total` customers, where `found` were among the `evaluated`, drawn at random without putting any back.

    The share of those found, and Wilson's score interval around it (Wilson 1927), which holds for shares near 0 and 1
    too; the margin is the way to its farther end. Who is drawn from few says more than from many: the finite population
    correction, as (N - 1) / (N - n) times the customers drawn.
    """
    if evaluated == total:
        return Estimate(found, None)
    share = found / evaluated if evaluated else 0.0
    weight = evaluated * (total - 1) / (total - evaluated)
    middle = (share * weight + Z * Z / 2) / (weight + Z * Z)
    half = Z * sqrt(share * (1 - share) * weight + Z * Z / 4) / (weight + Z * Z)
    return Estimate(round(share * total), ceil((abs(middle - share) + half) * total))
