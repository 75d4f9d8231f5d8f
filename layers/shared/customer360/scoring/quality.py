"""How good predicted probabilities were, once it is known what happened.

`happened` is what was predicted (here: no purchase within the horizon), one per customer, beside `predicted`, whose
order alone matters to `auc`, `precision_recall_auc` and `decile_lift`. Equal predictions stay together in all of them.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

BINS = 10


class Bin(NamedTuple):
    """Of the `cases` predictions within `low`..`high`: their mean, and the share that happened; 0 and 0 of none."""

    low: float
    high: float
    cases: int
    predicted: float
    happened: float


class Tie(NamedTuple):
    """`cases` equal predictions, of which `hits` happened."""

    cases: int
    hits: int


def auc(happened: Sequence[bool], predicted: Sequence[float]) -> float:
    """The chance that one to whom it happened has the higher prediction than one to whom not, ties counting half.

    Area under the ROC curve by the Mann-Whitney statistic. Both outcomes must occur.
    """
    below = above = 0.0
    for cases, hits in _ties(happened, predicted):
        misses = cases - hits
        above += hits * (below + misses / 2)
        below += misses
    return above / (below * sum(happened))


def precision_recall_auc(happened: Sequence[bool], predicted: Sequence[float]) -> float:
    """Average precision: the precision at each distinct threshold, weighted by the recall it adds. It must happen once.

    The step-wise area under the precision-recall curve; a constant prediction has the share that happened.
    """
    taken = found = 0
    area = 0.0
    for cases, hits in reversed(list(_ties(happened, predicted))):
        taken, found = taken + cases, found + hits
        area += hits * found / taken
    return area / found


def brier(happened: Sequence[bool], predicted: Sequence[float]) -> float:
    """Mean squared error of the probabilities (Brier 1950): 0 is perfect, a constant 0.5 has 0.25."""
    return sum((p - outcome) ** 2 for outcome, p in zip(happened, predicted, strict=True)) / len(predicted)


def reliability(happened: Sequence[bool], predicted: Sequence[float]) -> list[Bin]:
    """Ten bins of equal width; a prediction at an inner edge belongs to the upper one."""
    cases, hits, sums = [0] * BINS, [0] * BINS, [0.0] * BINS
    for outcome, p in zip(happened, predicted, strict=True):
        index = min(int(p * BINS), BINS - 1)
        cases[index] += 1
        hits[index] += outcome
        sums[index] += p
    return [
        Bin(index / BINS, (index + 1) / BINS, n, total / max(n, 1), hit / max(n, 1))
        for index, (n, hit, total) in enumerate(zip(cases, hits, sums, strict=True))
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: mean distance of predicted and happened over the bins, weighted by size.

    Naeini, Cooper & Hauskrecht (2015), "Obtaining well calibrated probabilities using Bayesian binning".
    """
    return sum(part.cases * abs(part.predicted - part.happened) for part in bins) / sum(part.cases for part in bins)


def decile_lift(happened: Sequence[bool], predicted: Sequence[float]) -> list[float]:
    """How many times as often as on average it happened in each tenth, the highest predictions first. Once at least.

    Tenths of equal size: customers are shared out by fractions at the edges, and a tie's hits evenly over the tie.
    """
    size, overall = len(predicted) / BINS, sum(happened) / len(predicted)
    lifts: list[float] = []
    hits_here, room = 0.0, size
    for cases, hits in reversed(list(_ties(happened, predicted))):
        left, rate = float(cases), hits / cases
        while left > room and len(lifts) < BINS - 1:
            lifts.append((hits_here + rate * room) / size / overall)
            left, hits_here, room = left - room, 0.0, size
        hits_here, room = hits_here + rate * left, room - left
    return [*lifts, hits_here / size / overall]


def _ties(happened: Sequence[bool], predicted: Sequence[float]) -> Iterator[Tie]:
    """Equal predictions together, the lowest first."""
    ordered = sorted(zip(predicted, happened, strict=True), key=itemgetter(0))
    for _, group in groupby(ordered, key=itemgetter(0)):
        outcomes = [outcome for _, outcome in group]
        yield Tie(len(outcomes), sum(outcomes))
