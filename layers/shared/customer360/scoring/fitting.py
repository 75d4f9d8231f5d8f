"""What a shop's own purchases say about the churn model's four parameters.

MBG/NBD: Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for customer base
analysis", IJRM 24(3). Of a customer with x repeat purchase days, the last of them tx days after the first, T days ago:

    L = G(r+x)/G(r) alpha^r [ B(a, b+x+1)/B(a, b) (alpha+T)^-(r+x) + B(a+1, b+x)/B(a, b) (alpha+tx)^-(r+x) ]

with G the gamma and B the beta function. As B(a+1, b+x) = B(a, b+x+1) a/(b+x), the bracket is
B(a, b+x+1)/B(a, b) (alpha+tx)^-(r+x) (s(T) + g), with the s and g of `scoring.churn`: s is at most 1 and g is positive,
so that neither overflow nor the logarithm of 0 can happen.

The estimate is the maximum of that likelihood times a log-normal prior (maximum a posteriori): a new shop starts at
the prior's centre, and some hundred customers outweigh it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import exp, lgamma, log
from typing import NamedTuple

from customer360.scoring.inputs import History
from customer360.scoring.nelder_mead import Point, minimum
from customer360.scoring.parameters import DEFAULT, ModelParameters

FEWEST_CUSTOMERS = 20
NEAR = 0.01  # of a logarithm: an estimate this close to a bound was stopped by it


class Estimate(NamedTuple):
    """r, alpha (days), a, b: all positive."""

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def of(cls, parameters: ModelParameters) -> "Estimate":
        return cls(parameters.r, parameters.alpha, parameters.a, parameters.b)


CENTRE = Estimate.of(DEFAULT)
DEVIATIONS = Estimate(
    0.7, 1.0, 1.0, 1.0
)  # of the logarithms: r within a factor of 4, the others of 7, in 19 of 20 shops
LOWEST = Estimate(1e-4, 1e-3, 1e-4, 1e-4)
HIGHEST = Estimate(1e4, 1e6, 1e4, 1e4)


class FitRefused(Exception):
    """The estimate is not to be used, for the reason given: the last good parameters stay."""


class Group(NamedTuple):
    """The customers with `repeats` repeat purchase days; `members` are (how many, index of tx, index of T)."""

    repeats: int
    customers: int
    members: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many customers share each (x, tx, T), which is all that the likelihood depends on.

    `ages` are the distinct days that occur as tx or T.
    """

    ages: tuple[int, ...]
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, histories: Iterable[History]) -> "Counts":
        counts = Counter(histories)
        ages = sorted({age for history in counts for age in (history.span, history.age)})
        at = {age: index for index, age in enumerate(ages)}
        members = defaultdict(list)
        for history, count in counts.items():
            members[history.repeats].append((count, at[history.span], at[history.age]))
        groups = (
            Group(repeats, sum(count for count, _, _ in found), tuple(sorted(found)))
            for repeats, found in sorted(members.items())
        )
        return cls(tuple(ages), tuple(groups))

    @property
    def customers(self) -> int:
        return sum(group.customers for group in self.groups)

    @property
    def repeats(self) -> int:
        """Repeat purchase days of all customers."""
        return sum(group.repeats * group.customers for group in self.groups)


def log_likelihood(counts: Counts, estimate: Estimate) -> float:
    """ln L of the MBG/NBD over all customers, ages in days."""
    r, alpha, a, b = estimate
    logs = [log(alpha + age) for age in counts.ages]
    shared = r * log(alpha) - lgamma(r) + lgamma(a + b) - lgamma(b)
    total = counts.customers * shared
    for repeats, customers, members in counts.groups:
        m, g = r + repeats, a / (b + repeats)
        total += customers * (lgamma(m) + lgamma(b + repeats + 1) - lgamma(a + b + repeats + 1))
        total += sum([n * (log(exp(m * (logs[tx] - logs[T])) + g) - m * logs[tx]) for n, tx, T in members])
    return total


def log_prior(estimate: Estimate) -> float:
    """The log-normal prior's density at the estimate's logarithms, without its constant."""
    distances = (log(value / centre) / sd for value, centre, sd in zip(estimate, CENTRE, DEVIATIONS, strict=True))
    return -0.5 * sum(distance * distance for distance in distances)


def fit(counts: Counts, in_use: ModelParameters = DEFAULT) -> Estimate:
    """The maximum a posteriori estimate: the same counts give the same numbers.

    Raises FitRefused where there are fewer than 20 customers, the search does not settle, settles at a bound, or ends
    below what the parameters `in_use` or the default ones reach on the same counts.
    """
    if counts.customers < FEWEST_CUSTOMERS:
        raise FitRefused(f"{counts.customers} customers are too few: it takes {FEWEST_CUSTOMERS}")

    def log_posterior(estimate: Estimate) -> float:
        return log_likelihood(counts, estimate) + log_prior(estimate)

    found, settled = maximum(log_posterior)
    if not settled:
        raise FitRefused("the search did not settle")
    for name, value, low, high in zip(Estimate._fields, found, LOWEST, HIGHEST, strict=True):
        if min(log(value / low), log(high / value)) < NEAR:
            raise FitRefused(f"{name} = {value:.3g} is at a bound")
    if log_posterior(found) < max(map(log_posterior, (Estimate.of(in_use), CENTRE))):
        raise FitRefused("it explains the purchases worse than the parameters in use")
    return found


def maximum(log_density: Callable[[Estimate], float], precision: float = 0.001) -> tuple[Estimate, bool]:
    """Where `log_density` is highest within the bounds, and whether the search settled there, on a finite value.

    It is sought from the prior's centre over the logarithms, so `precision` is a share of each parameter.
    """

    def height(point: Point) -> float:
        estimate = Estimate(*map(exp, point))
        within = all(low <= value <= high for low, value, high in zip(LOWEST, estimate, HIGHEST, strict=True))
        return -log_density(estimate) if within else math.inf

    found = minimum(height, [log(value) for value in CENTRE], width=precision, depth=precision)
    return Estimate(*map(exp, found.point)), found.converged and math.isfinite(found.value)
