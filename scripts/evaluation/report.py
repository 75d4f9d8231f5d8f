"""The results as Markdown."""

from collections.abc import Iterable, Sequence
from datetime import date
from statistics import fmean

from customer360.scoring.fitting import Counts
from customer360.scoring.quality import Bin, decile_lift, reliability
from evaluation import bg_nbd
from evaluation.comparison import Comparison, Cut
from evaluation.contenders import OURS, fit_bg_nbd_once
from evaluation.transactions import Transactions

MEASURES = ("AUC", "PR-AUC", "Brier", "ECE", "ECE per cut")
NOT_ENOUGH = (
    "Not enough data: it takes a day with 30 days before it and a horizon after it, and then both customers who buy "
    "within the horizon and customers who do not."
)
SHORTER_WINDOWS = (
    " No window of the past is that long: ours is corrected by shorter ones, which teach its order more than its level."
)
# Fader, Hardie & Lee (2005), table 2: the 1/10 sample of CDNOW, 2,357 customers, the first 39 weeks.
PUBLISHED = ("0.243", "4.414", "0.793", "2.426", "-9582.4")
PUBLISHED_CUSTOMERS, PUBLISHED_FROM, PUBLISHED_TO = 2357, date(1997, 1, 1), date(1997, 9, 30)


def title(transactions: Transactions) -> str:
    facts = [
        f"{len(transactions.buyers):,} customers, {transactions.purchase_days:,} purchase days, "
        f"{transactions.first} to {transactions.last}",
        *transactions.notes,
    ]
    return f"## {transactions.name}\n\n{'; '.join(facts)}.\n"


def section(heading: str, comparison: Comparison) -> str:
    """Models by measures, then how well ours is calibrated and how well it sorts."""
    if not comparison.cuts:
        return f"### {heading}\n\n{NOT_ENOUGH}\n"
    first, last = comparison.cuts[0][0], comparison.cuts[-1][0]
    said = sum(customers for _, customers, _ in comparison.cuts)
    silent = sum(silent for _, _, silent in comparison.cuts)
    cuts = f"cut after {first.day}" if first is last else f"{len(comparison.cuts)} cuts, {first.day} to {last.day}"
    ours = comparison.marks[OURS]
    bins = [part for part in reliability(ours.happened, ours.predicted) if part.cases]
    lifts = decile_lift(ours.happened, ours.predicted)
    return "\n".join(
        [
            f"### {heading}",
            "",
            f"{cuts.capitalize()}; horizon {first.horizon_days} days; {said:,} predictions, {silent / said:.1%} of "
            "which came to no purchase." + (SHORTER_WINDOWS if first.window_days < first.horizon_days else ""),
            "",
            *table(("model", *MEASURES), ((name, *map(shown, row)) for name, row in rows(comparison).items())),
            "",
            "Ours, reliability:",
            "",
            *table(("said", "customers", "mean said", "happened"), map(_reliability_row, bins)),
            "",
            "Ours, decile lift, the highest risks first:",
            "",
            *table(list(map(str, range(1, len(lifts) + 1))), [[f"{lift:.2f}" for lift in lifts]]),
            "",
        ]
    )


def fitted(transactions: Transactions, cut: Cut) -> str:
    """BG/NBD as it is usually published: maximum likelihood on the first half, ages in weeks."""
    now = cut.day.toordinal()
    counts = Counts.of(buyer.history(now) for buyer in transactions.buyers if buyer.days[0] <= now)
    (r, alpha, a, b), log_likelihood = bg_nbd.in_weeks(counts, fit_bg_nbd_once(counts))
    found = [(f"until {cut.day}", *(f"{value:.3f}" for value in (r, alpha, a, b)), f"{log_likelihood:.1f}")]
    if (counts.customers, transactions.first, cut.day) == (PUBLISHED_CUSTOMERS, PUBLISHED_FROM, PUBLISHED_TO):
        found.append(("published", *PUBLISHED))
    heads = ("BG/NBD in weeks", "r", "alpha", "a", "b", "log-likelihood")
    return "\n".join([*table(heads, found), ""])


def mean_section(heading: str, comparisons: Sequence[Comparison]) -> str:
    """The mean of each measure over several files."""
    every = [rows(comparison) for comparison in comparisons]
    means = {
        name: [None if None in column else fmean(column) for column in zip(*(one[name] for one in every), strict=True)]
        for name in every[0]
    }
    lines = table(("model", *MEASURES), ((name, *map(shown, row)) for name, row in means.items()))
    return "\n".join([f"## {heading}", "", *lines, ""])


def generated(customers: int, comparison: Comparison) -> str:
    """What engagement and support do where it is known what they mean."""
    if not comparison.cuts:
        return f"## A generated shop\n\n{NOT_ENOUGH}\n"
    lines = table(("model", *MEASURES), ((name, *map(shown, row)) for name, row in rows(comparison).items()))
    facts = f"{customers:,} customers, {len(comparison.cuts)} cuts."
    return "\n".join(["## A generated shop", "", facts, "", *lines, ""])


def rows(comparison: Comparison) -> dict[str, tuple[float | None, ...]]:
    return {name: marks.row() for name, marks in comparison.marks.items()}


def shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    return [_line(heads), _line(["---"] * len(heads)), *map(_line, lines)]


def _reliability_row(part: Bin) -> tuple[str, ...]:
    return f"{part.low:.0%} to {part.high:.0%}", f"{part.cases:,}", shown(part.predicted), shown(part.happened)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
