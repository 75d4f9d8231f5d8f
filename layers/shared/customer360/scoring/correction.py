"""What a shop's past windows say about the model's mistakes: the back-test correction of the log-odds.

With z = logit(P0) as the model said it at a window's beginning, a customer's purchase days (1 + x) over the mean of
all customers then, the spend share's distance from the median spender's, and the effects E of engagement and S of
support at full strength, less their means over all customers then, the chance of no purchase in the window is taken as

    sigmoid(z + c0 + c1 z + c2 ln((1 + x) / mean) + c3 (share - 1/2) + e (E - mean) + s (S - mean))

c0 and c1 are Platt scaling (Platt 1999, "Probabilistic outputs for support vector machines"); c2 and c3 let frequent
and generous buyers differ from what the model, which knows nothing of money, says of them. All of this is taken
relative to the shop's other customers of the same date, because everybody's purchase days grow with time: without
that, the windows' older customers would look ever better than they were. And a shop that begins to send newsletters
learns from them who is less at risk than others, not that everybody is.

e and s are how strong engagement and support are in this shop. Their effects are assumed until a shop knows better, so
the two are drawn to 1, as the others are to 0. Where they say nothing of who buys again, every customer takes them
nearer to 0: with V the variance of an effect among n customers who are silent with chance p, 1 / (1 + n p (1 - p) V) of
a strength is left, give or take the root of that. They are held within 0..1: whoever asks for help is never less at
risk for it, and no effect exceeds what is said of it.

The six are the maximum of a logistic regression's likelihood with a ridge penalty, found by Newton's method with step
halving.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations_with_replacement
from operator import mul
from typing import NamedTuple

from customer360.scoring.churn import probability_from
from customer360.scoring.parameters import FLATTEST

FEWEST_CUSTOMERS = 200
FEWEST_OF_EACH_OUTCOME = 20
RIDGE = 1.0  # the penalty of a normal prior with deviation 1 on each coefficient, around its value in `NONE`
MOST_STEPS = 50
SETTLED = 1e-8


class Case(NamedTuple):
    """What was known of a customer at a window's beginning, and whether they then bought nothing until its end.

    `log_odds` is z, `frequency` is ln((1 + x) / mean), `spend` the spend share less a half (0 where it is not known),
    `engagement` and `support` are E and S less their means (0 where there is nothing of them).
    """

    log_odds: float
    frequency: float
    spend: float
    silent: bool
    engagement: float = 0.0
    support: float = 0.0


class Correction(NamedTuple):
    """The coefficients of the formula above."""

    c0: float = 0.0
    c1: float = 0.0
    c2: float = 0.0
    c3: float = 0.0
    engagement: float = 1.0
    support: float = 1.0


NONE = Correction()
LOWEST = Correction(c0=-math.inf, c1=FLATTEST - 1, c2=-math.inf, c3=-math.inf, engagement=0.0, support=0.0)
HIGHEST = Correction(c0=math.inf, c1=math.inf, c2=math.inf, c3=0.0, engagement=1.0, support=1.0)


def enough(outcomes: Sequence[bool]) -> bool:
    """At least 200 customers, and 20 of each outcome: what it takes to learn from a window, or to judge by it."""
    silent = sum(outcomes)
    return len(outcomes) >= FEWEST_CUSTOMERS and min(silent, len(outcomes) - silent) >= FEWEST_OF_EACH_OUTCOME


def correction(windows: Iterable[Sequence[Case]]) -> Correction:
    """The correction that the windows with enough outcomes agree on; none where there is no such window.

    The same customers are in all windows, so each case counts as one n-th of n windows: together they say as much as
    one, only less by the chances of one season.
    """
    usable = [window for window in windows if enough([case.silent for case in window])]
    if not usable:
        return NONE
    regression = _Regression(Counter(case for window in usable for case in window), 1 / len(usable))
    found, held = NONE, regression.unknown()
    while True:
        found = Correction(*regression.coefficients(held, found))
        beyond = _bounds_passed(found)
        if not beyond:
            return found
        held |= beyond


def _bounds_passed(found: Correction) -> dict[int, float]:
    """Which coefficients must be held at which bound, for a correction that keeps the order it must keep."""
    bounded = [min(max(value, low), high) for value, low, high in zip(found, LOWEST, HIGHEST, strict=True)]
    return {index: bound for index, bound in enumerate(bounded) if bound != found[index]}


class _Regression:
    """Logistic regression on the cases' columns (1, z, frequency, spend, engagement, support), with z as the offset."""

    def __init__(self, cases: Mapping[Case, int], weight: float) -> None:
        self.offset = [case.log_odds for case in cases]
        self.columns = [
            [1.0] * len(cases),
            self.offset,
            [case.frequency for case in cases],
            [case.spend for case in cases],
            [case.engagement for case in cases],
            [case.support for case in cases],
        ]
        self.silent = [float(case.silent) for case in cases]
        self.weights = [weight * count for count in cases.values()]

    def unknown(self) -> dict[int, float]:
        """The coefficients of which the cases say nothing, with the values they have without them."""
        return {index: NONE[index] for index, column in enumerate(self.columns) if not any(column)}

    def coefficients(self, held: Mapping[int, float], start: Sequence[float]) -> list[float]:
        """Where the penalised loss is lowest, sought from `start`, the coefficients `held` staying as they are."""
        free = [index for index in range(len(self.columns)) if index not in held]
        at = [held.get(index, value) for index, value in enumerate(start)]
        log_odds = self._log_odds(at)
        loss = self._loss(at, log_odds)
        for _ in range(MOST_STEPS):
            step = self._newton_step(at, log_odds, free)
            if max(map(abs, step)) < SETTLED:
                break
            share, lower = 1.0, math.inf
            while lower > loss and share > SETTLED:
                tried = [value + share * move for value, move in zip(at, step, strict=True)]
                tried_log_odds = self._log_odds(tried)
                lower = self._loss(tried, tried_log_odds)
                share /= 2
            if lower > loss:
                break  # the last digits of the loss: nothing is lower than here
            at, log_odds, loss = tried, tried_log_odds, lower
        return at

    def _log_odds(self, at: Sequence[float]) -> list[float]:
        c0, c1, c2, c3, e, s = at
        _, *columns = self.columns
        return [
            z + c0 + c1 * z + c2 * frequency + c3 * spend + e * engagement + s * support
            for z, frequency, spend, engagement, support in zip(*columns, strict=True)
        ]

    def _loss(self, at: Sequence[float], log_odds: Sequence[float]) -> float:
        """Negative log-likelihood plus penalty; ln(1 + e^v) = max(v, 0) + ln(1 + e^-|v|), which cannot overflow."""
        errors = (
            weight * (max(v, 0.0) + math.log1p(math.exp(-abs(v))) - silent * v)
            for weight, v, silent in zip(self.weights, log_odds, self.silent, strict=True)
        )
        return math.fsum(errors) + RIDGE / 2 * sum((value - prior) ** 2 for value, prior in zip(at, NONE, strict=True))

    def _newton_step(self, at: Sequence[float], log_odds: Sequence[float], free: Sequence[int]) -> list[float]:
        chances = [probability_from(v) for v in log_odds]
        errors = [w * (silent - p) for w, silent, p in zip(self.weights, self.silent, chances, strict=True)]
        spreads = [w * p * (1 - p) for w, p in zip(self.weights, chances, strict=True)]
        gradient = [sum(map(mul, errors, self.columns[row])) - RIDGE * (at[row] - NONE[row]) for row in free]
        spread_columns = {row: list(map(mul, spreads, self.columns[row])) for row in free}
        curves = {
            (row, column): sum(map(mul, spread_columns[row], self.columns[column])) + (RIDGE if row == column else 0.0)
            for row, column in combinations_with_replacement(free, 2)
        }
        hessian = [[curves[min(row, column), max(row, column)] for column in free] for row in free]
        moves = dict(zip(free, solved(hessian, gradient), strict=True))
        return [moves.get(index, 0.0) for index in range(len(at))]


def solved(matrix: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    """x of matrix x = values, for a positive definite matrix (Gaussian elimination, which then needs no pivoting)."""
    rows = [[*row, value] for row, value in zip(matrix, values, strict=True)]
    for index, pivot in enumerate(rows):
        for row in rows[index + 1 :]:
            factor = row[index] / pivot[index]
            row[index:] = [here - factor * above for here, above in zip(row[index:], pivot[index:], strict=True)]
    answer: list[float] = []
    for index in reversed(range(len(rows))):
        known = sum(map(mul, rows[index][index + 1 : -1], answer))
        answer.insert(0, (rows[index][-1] - known) / rows[index][index])
    return answer
