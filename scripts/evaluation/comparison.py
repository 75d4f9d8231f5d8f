"""Lets the contenders foretell parts of the past, and measures how well they did."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil
from statistics import fmean

from customer360.scoring.learning import Buyer, known_buyers
from customer360.scoring.quality import auc, brier, calibration_error, precision_recall_auc, reliability
from evaluation.contenders import PROBABILITIES, RANKS_ONLY, Contender, Task

SHORTEST_PAST_DAYS = 30
MOST_CUTS = 12


@dataclass(frozen=True, slots=True)
class Cut:
    """The end of `day` parts what is known from what is to be foretold."""

    day: date
    horizon_days: int
    window_days: int


@dataclass(slots=True)
class Marks:
    """One contender's: per cut, and all predictions with what happened. `brier` is empty for a mere ranking."""

    auc: list[float] = field(default_factory=list)
    precision_recall_auc: list[float] = field(default_factory=list)
    brier: list[float] = field(default_factory=list)
    calibration_error: list[float] = field(default_factory=list)
    predicted: list[float] = field(default_factory=list)
    happened: list[bool] = field(default_factory=list)

    def row(self) -> tuple[float | None, ...]:
        """AUC, PR-AUC and Brier as means over the cuts; ECE over all predictions together, and as a mean over cuts."""
        order = fmean(self.auc), fmean(self.precision_recall_auc)
        if not self.brier:
            return *order, None, None, None
        together = calibration_error(reliability(self.happened, self.predicted))
        return *order, fmean(self.brier), together, fmean(self.calibration_error)


@dataclass(slots=True)
class Comparison:
    """`cuts` are those that were used, with how many customers were known and how many of them bought nothing."""

    cuts: list[tuple[Cut, int, int]] = field(default_factory=list)
    marks: dict[str, Marks] = field(default_factory=dict)


def rolling_cuts(first: date, last: date, horizon_days: int = 90, step_days: int = 30) -> list[Cut]:
    """Cut days `step_days` apart (more where that would make over 12), the last one a horizon before the end.

    The first one comes two horizons after the beginning, so that it has a whole window to learn from; where there is
    no room for that, there is one cut if it leaves at least 30 days of past, else none.
    """
    opened, newest = first.toordinal(), last.toordinal() - horizon_days
    if newest - opened < SHORTEST_PAST_DAYS:
        return []
    oldest = min(opened + 2 * horizon_days, newest)
    step = max(step_days, ceil((newest - oldest) / (MOST_CUTS - 1)))
    days = range(newest, oldest - 1, -step)
    return [Cut(date.fromordinal(day), horizon_days, horizon_days) for day in reversed(days)]


def halves(first: date, last: date) -> list[Cut]:
    """One cut in the middle, to foretell the whole second half. No window of the past is as long as that, so ours is
    corrected by what windows of a quarter of the whole teach."""
    days = (last - first).days + 1
    past = days // 2 - 1
    if past < SHORTEST_PAST_DAYS:
        return []
    return [Cut(first + timedelta(days=past), horizon_days=days - 1 - past, window_days=past // 2)]


def compare(
    buyers: Sequence[Buyer], cuts: Sequence[Cut], contenders: Mapping[str, Contender] = PROBABILITIES | RANKS_ONLY
) -> Comparison:
    """Cuts after which nobody, or everybody, buys tell nothing and are left out."""
    found = Comparison()
    for cut, known, silent in _foretellable(buyers, cuts):
        found.cuts.append((cut, len(known), sum(silent)))
        task = Task(known, cut.day, cut.horizon_days, cut.window_days)
        for name, contender in contenders.items():
            predicted = contender(task)
            marks = found.marks.setdefault(name, Marks())
            marks.auc.append(auc(silent, predicted))
            marks.precision_recall_auc.append(precision_recall_auc(silent, predicted))
            if name not in RANKS_ONLY:
                marks.brier.append(brier(silent, predicted))
                marks.calibration_error.append(calibration_error(reliability(silent, predicted)))
                marks.predicted += predicted
                marks.happened += silent
    return found


def _foretellable(buyers: Sequence[Buyer], cuts: Sequence[Cut]) -> Iterator[tuple[Cut, list[Buyer], list[bool]]]:
    for cut in cuts:
        known = known_buyers(buyers, cut.day)
        silent = [not buyer.buys_within(cut.day.toordinal(), cut.horizon_days) for buyer in known]
        if 0 < sum(silent) < len(silent):
            yield cut, known, silent
