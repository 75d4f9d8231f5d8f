"""Customers whose visits and tickets are known, too, and a shop of such customers in which they mean something.

In the generated shop everybody buys as the model has it (MBG/NBD, Batislam et al. 2007) and visits at a rate of their
own, a fifth as often once they have left. After one purchase in ten there is a ticket, which is resolved within a week;
after the last purchase of half of those who leave there is one that stays open.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import NamedTuple

from customer360.scoring.learning import Buyer
from customer360.scoring.months import Signal, by_month, ticket_detail
from customer360.scoring.signals import ACTIVE_DAYS, PRIORITY_WEIGHTS, YEAR_DAYS, LastYear, last_year

OPENED, CLOSED = date(2023, 1, 1).toordinal(), date(2024, 12, 31).toordinal()
RATE, DAYS_BETWEEN = 0.8, 60.0  # gamma distribution of purchase rates
LEAVING, STAYING = 0.6, 2.0  # beta distribution of the chance to leave after a purchase
DAYS_BETWEEN_VISITS, LEFT_OF_VISITS = 10.0, 0.2
TICKET_OF_PURCHASE, TICKET_OF_LEAVER = 0.1, 0.5
DAYS_BETWEEN_TICKETS, NEVER_RESOLVED = 300.0, 0.1  # of tickets unrelated to buying
RESOLVED_AFTER_DAYS = 7


class Ticket(NamedTuple):
    """Days as `date.toordinal` counts them; `resolved` is None if it never was."""

    day: int
    priority: str
    resolved: int | None


@dataclass(frozen=True, slots=True)
class Watched(Buyer):
    visits: Sequence[int] = ()
    tickets: Sequence[Ticket] = ()

    def last_year(self, day: date) -> LastYear:
        """What the product would have kept by the end of the day, and made of it."""
        now = day.toordinal()
        visits = Counter(visit for visit in self.visits if visit <= now)
        tickets = Counter(
            (ticket.day, ticket_detail(ticket.priority, is_open=ticket.resolved is None or ticket.resolved > now))
            for ticket in self.tickets
            if ticket.day <= now
        )
        return last_year(
            by_month(
                *(Signal(date.fromordinal(on), "sessions", Decimal(count)) for on, count in visits.items()),
                *(
                    Signal(date.fromordinal(on), "tickets", Decimal(count), detail)
                    for (on, detail), count in tickets.items()
                ),
            ),
            day,
        )


def generated_shop(customers: int, seed: int = 1) -> list[Watched]:
    """They come on days spread evenly over the first three quarters of the shop's two years."""
    random = Random(seed)
    return [_customer(random, random.randrange(OPENED, OPENED + (CLOSED - OPENED) * 3 // 4)) for _ in range(customers)]


def unrelated(random: Random, buyer: Buyer, today: date) -> Watched:
    """The buyer with visits and tickets of the days that count which have nothing to do with what they buy."""
    now = today.toordinal()
    asked = _poisson(random, 1 / DAYS_BETWEEN_TICKETS, max(now - YEAR_DAYS, 1), now)
    return Watched(
        buyer.days,
        buyer.spending,
        visits=list(_poisson(random, _visit_rate(random), max(now - ACTIVE_DAYS, 1), now)),
        tickets=[_ticket(random, day, stays_open=random.random() < NEVER_RESOLVED) for day in asked],
    )


def _customer(random: Random, first: int) -> Watched:
    rate, leaves = random.gammavariate(RATE, 1 / DAYS_BETWEEN), random.betavariate(LEAVING, STAYING)
    bought, tickets = [float(first)], []
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
    return Watched(
        days=sorted({int(at) for at in bought}),
        visits=[*_poisson(random, visits, first, left), *_poisson(random, visits * LEFT_OF_VISITS, left, CLOSED)],
        tickets=tickets,
    )


def _visit_rate(random: Random) -> float:
    """A day; every customer has their own."""
    return random.gammavariate(2, 1 / (2 * DAYS_BETWEEN_VISITS))


def _poisson(random: Random, rate: float, after: float, until: int) -> Iterator[int]:
    """The days on which something happens that may happen at any time."""
    while (after := after + random.expovariate(rate)) <= until:
        yield int(after)


def _ticket(random: Random, day: int, *, stays_open: bool) -> Ticket:
    priority = random.choice(list(PRIORITY_WEIGHTS))
    return Ticket(day, priority, None if stays_open else day + random.randint(0, RESOLVED_AFTER_DAYS))
