"""What a shop's past windows say about the model's mistakes: the back-test correction of the log-odds.

With z = logit(P0) as the model said it at a window's beginning, a customer's purchase days (1 + x) over the mean of
all customers then, and the spend share's distance from the median spender's, the chance of no purchase in the window
is taken as

    sigmoid(z + c0 + c1 z + c2 ln((1 + x) / mean) + c3 (share - 1/2))

c0 and c1 are Platt scaling (Platt 1999, "Probabilistic outputs for support vector machines"); c2 and c3 let frequent
and generous buyers differ from what the model, which knows nothing of money, says of them. Days and spend are taken
relative to the shop's other customers of the same date, because everybody's purchase days grow with time: without
that, the windows' older customers would look ever better than they were. The four are the maximum of a logistic
regression's likelihood with a ridge penalty, found by Newton's method with step halving.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import mul
from typing import NamedTuple

from customer360.scoring.churn import probability_from
from customer360.scoring.parameters import FLATTEST

FEWEST_CUSTOMERS = 200
FEWEST_OF_EACH_OUTCOME = 20
RIDGE = 1.0  # the penalty of a normal prior with mean 0 and deviation 1 on each coefficient
MOST_STEPS = 50
SETTLED = 1e-8


class Case(NamedTuple):
    """What was known of a customer at a window's beginning, and whether they then bought nothing until its end.

    `log_odds` is z, `frequency` is ln((1 + x) / mean), `spend` the spend share less a half (0 where it is not known).
    """

    log_odds: float
    frequency: float
    spend: float
    silent: bool


class Correction(NamedTuple):
    """The coefficients of the formula above."""

    c0: float = 0.0
    c1: float = 0.0
    c2: float = 0.0
    c3: float = 0.0


NONE = Correction()


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
    held: dict[int, float] = {}
    while True:
        found = Correction(*regression.coefficients(held))
        beyond = _bounds_passed(found)
        if not beyond:
            return found
        held |= beyond


def _bounds_passed(found: Correction) -> dict[int, float]:
    """Which coefficients must be held at which bound, for a correction that keeps the order it must keep."""
    passed = {}
    if found.c1 < FLATTEST - 1:
        passed[1] = FLATTEST - 1
    if found.c3 > 0:
        passed[3] = 0.0
    return passed


class _Regression:
    """Logistic regression on the cases' columns (1, z, frequency, spend), with z as the offset."""

    def __init__(self, cases: Mapping[Case, int], weight: float) -> None:
        self.offset = [case.log_odds for case in cases]
        self.columns = [
            [1.0] * len(cases),
            self.offset,
            [case.frequency for case in cases],
            [case.spend for case in cases],
        ]
        self.silent = [float(case.silent) for case in cases]
        self.weights = [weight * count for count in cases.values()]

    def coefficients(self, held: Mapping[int, float]) -> list[float]:
        """Where the penalised loss is lowest, the coefficients `held` staying as they are."""
        free = [index for index in range(len(self.columns)) if index not in held]
        at = [held.get(index, 0.0) for index in range(len(self.columns))]
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
        c0, c1, c2, c3 = at
        _, *columns = self.columns
        return [z + c0 + c1 * z + c2 * frequency + c3 * spend for z, frequency, spend in zip(*columns, strict=True)]

    def _loss(self, at: Sequence[float], log_odds: Sequence[float]) -> float:
        """Negative log-likelihood plus penalty; ln(1 + e^v) = max(v, 0) + ln(1 + e^-|v|), which cannot overflow."""
        errors = (
            weight * (max(v, 0.0) + math.log1p(math.exp(-abs(v))) - silent * v)
            for weight, v, silent in zip(self.weights, log_odds, self.silent, strict=True)
        )
        return math.fsum(errors) + RIDGE / 2 * sum(value * value for value in at)

    def _newton_step(self, at: Sequence[float], log_odds: Sequence[float], free: Sequence[int]) -> list[float]:
        chances = [probability_from(v) for v in log_odds]
        errors = [w * (silent - p) for w, silent, p in zip(self.weights, self.silent, chances, strict=True)]
        spreads = [w * p * (1 - p) for w, p in zip(self.weights, chances, strict=True)]
        gradient = [sum(map(mul, errors, self.columns[row])) - RIDGE * at[row] for row in free]
        spread_columns = [list(map(mul, spreads, self.columns[row])) for row in free]
        hessian = [
            [sum(map(mul, spread, self.columns[column])) + (RIDGE if row == column else 0.0) for column in free]
            for row, spread in zip(free, spread_columns, strict=True)
        ]
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
