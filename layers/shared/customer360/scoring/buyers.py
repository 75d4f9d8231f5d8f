"""A customer as the churn model learns from them, taken from all the months kept."""

from collections import defaultdict
from decimal import Decimal

from customer360.money import EXACT
from customer360.scoring.learning import Buyer
from customer360.scoring.months import Months, signals_in
from customer360.scoring.signals import WEIGHTS, Tickets, Touch


def buyer_of(months: Months) -> Buyer | None:
    """Every day with a completed purchase and what was spent on each, what they did, and their tickets; None for who
    never bought. What is dated ahead is there, too: learning looks no further than its own day."""
    spent: defaultdict[int, Decimal] = defaultdict(Decimal)
    touched: defaultdict[int, float] = defaultdict(float)
    tickets = list[Tickets]()
    for signal in signals_in(months):
        if signal.kind == "tickets":
            tickets.append(Tickets.of(signal))
        elif signal.kind in WEIGHTS:
            day, weight = Touch.of(signal)
            touched[day] += weight
        else:  # on a day of purchase everything may have been free
            amount = signal.number if signal.kind == "spend" else Decimal(0)
            spent[signal.day.toordinal()] = EXACT.add(spent[signal.day.toordinal()], amount)
    if not spent:
        return None
    touches = [Touch(day, weight) for day, weight in sorted(touched.items())]
    return Buyer(sorted(spent), sorted(spent.items()), touches, sorted(tickets))
