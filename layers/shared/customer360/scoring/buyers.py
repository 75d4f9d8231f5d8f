"""A customer as the churn model learns from them, taken from all the months kept."""

from collections import defaultdict
from decimal import Decimal

from customer360.money import EXACT
from customer360.scoring.learning import Buyer
from customer360.scoring.months import Months, signals_in


def buyer_of(months: Months) -> Buyer | None:
    """Every day with a completed purchase, and what was spent on each; None for who never bought. What is dated ahead
    is there, too: learning looks no further than its own day."""
    spent: defaultdict[int, Decimal] = defaultdict(Decimal)
    for day, kind, number, _ in signals_in(months):
        if kind in {"purchases", "spend"}:  # on a day of purchase everything may have been free
            amount = number if kind == "spend" else Decimal(0)
            spent[day.toordinal()] = EXACT.add(spent[day.toordinal()], amount)
    return Buyer(sorted(spent), sorted(spent.items())) if spent else None
