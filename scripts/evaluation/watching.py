"""Customers whose visits and tickets are known, too, and a shop of such customers in which they mean something.

In the generated shop everybody buys as the model has it (MBG/NBD, Batislam et al. 2007) and visits at a rate of their
own, a fifth as often once they have left. After one purchase in ten there is a ticket, which is resolved within a week;
after the last purchase of half of those who leave there is one that stays open.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from customer360.scoring.learning import Buyer
from customer360.scoring.signals import ACTIVE_DAYS, NEVER, PRIORITY_WEIGHTS, WEIGHTS, YEAR_DAYS, Tickets, Touch

OPENED, CLOSED = date(2023, 1, 1).toordinal(), date(2024, 12, 31).toordinal()
RATE, DAYS_BETWEEN = 0.8, 60.0  # gamma distribution of purchase rates
LEAVING, STAYING = 0.6, 2.0  # beta distribution of the chance to leave after a purchase
DAYS_BETWEEN_VISITS, LEFT_OF_VISITS = 10.0, 0.2
TICKET_OF_PURCHASE, TICKET_OF_LEAVER = 0.1, 0.5
DAYS_BETWEEN_TICKETS, NEVER_RESOLVED = 300.0, 0.1  # of tickets unrelated to buying
RESOLVED_AFTER_DAYS = 7


@dataclass(frozen=True, slots=True)
class Steady(Buyer):
    """One whose signals are the same on every day."""

    steady_trend: float = 0.0
    steady_load: float = 0.0

    def trend(self, day: int) -> float:
        return self.steady_trend

    def support_load(self, day: int) -> float:
        return self.steady_load


def generated_shop(customers: int, seed: int = 1) -> list[Buyer]:
    """They come on days spread evenly over the first three quarters of the shop's two years."""
    random = Random(seed)
    return [_customer(random, random.randrange(OPENED, OPENED + (CLOSED - OPENED) * 3 // 4)) for _ in range(customers)]


def at_random(random: Random, buyer: Buyer) -> Steady:
    """Any trend is as likely as any other, and the load is 1 on average, about one fresh urgent ticket; both stay as
    they are, so that chance says the same in every window."""
    return Steady(buyer.days, buyer.spending, steady_trend=random.uniform(-1, 1), steady_load=random.expovariate(1))


def unrelated(random: Random, buyer: Buyer, since: int, until: int) -> Buyer:
    """The buyer with visits and tickets of all that counts in the days given, which have nothing to do with what they
    buy."""
    asked = _poisson(random, 1 / DAYS_BETWEEN_TICKETS, max(since - YEAR_DAYS, 1), until)
    return replace(
        buyer,
        touches=_touches(_poisson(random, _visit_rate(random), max(since - ACTIVE_DAYS, 1), until)),
        tickets=[_ticket(random, day, stays_open=random.random() < NEVER_RESOLVED) for day in asked],
    )


def _customer(random: Random, first: int) -> Buyer:
    rate, leaves = random.gammavariate(RATE, 1 / DAYS_BETWEEN), random.betavariate(LEAVING, STAYING)
    bought, tickets = [float(first)], list[Tickets]()
    has_left = random.random() < leaves
    while not has_left and (at := bought[-1] + random.expovariate(rate)) <= CLOSED:
        bought.append(at)
        has_left = random.random() < leaves
    for at in bought:
        if has_left and at == bought[-1] and random.random() < TICKET_OF_LEAVER:
            tickets.append(_ticket(random, int(at), stays_open=True))
        elif random.random() < TICKET_OF_PURCHASE:
            tickets.append(_ticket(random, int(at), stays_open=False))
    visits, left = _visit_rate(random), int(bought[-1]) if has_left else CLOSED
    return Buyer(
        days=sorted({int(at) for at in bought}),
        touches=_touches(
            [*_poisson(random, visits, first, left), *_poisson(random, visits * LEFT_OF_VISITS, left, CLOSED)]
        ),
        tickets=tickets,
    )


def _visit_rate(random: Random) -> float:
    """A day; every customer has their own."""
    return random.gammavariate(2, 1 / (2 * DAYS_BETWEEN_VISITS))


def _poisson(random: Random, rate: float, after: float, until: int) -> Iterator[int]:
    """The days on which something happens that may happen at any time."""
    while (after := after + random.expovariate(rate)) <= until:
        yield int(after)


def _touches(visits: Iterable[int]) -> list[Touch]:
    return [Touch(day, WEIGHTS["sessions"] * count) for day, count in sorted(Counter(visits).items())]


def _ticket(random: Random, day: int, *, stays_open: bool) -> Tickets:
    weight = random.choice(list(PRIORITY_WEIGHTS.values()))
    return Tickets(day, weight, NEVER if stays_open else day + random.randint(0, RESOLVED_AFTER_DAYS))
