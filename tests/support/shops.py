"""Shops whose customers buy exactly as the churn model says, so that what it should learn is known."""

import random

from customer360.scoring.fitting import Estimate
from customer360.scoring.learning import Buyer

OPENED = 738_000  # 2021-07-29, as date.toordinal counts days


def bought(random_: random.Random, truth: Estimate, first: int, end: int) -> tuple[int, ...]:
    """The purchase days of one MBG/NBD customer (Batislam et al. 2007): after each purchase, also the first, they
    leave with their own chance; else the next one comes after an exponential wait at their own rate."""
    rate = random_.gammavariate(truth.r, 1 / truth.alpha)
    leaves = random_.betavariate(truth.a, truth.b)
    days, at = [first], float(first)
    while random_.random() >= leaves:
        at += random_.expovariate(rate)
        if at > end:
            break
        days.append(int(at))
    return tuple(dict.fromkeys(days))


def shop(truth: Estimate, customers: int, days: int, seed: int = 1) -> list[Buyer]:
    """Customers who came on days spread evenly over the first three quarters of a shop's `days`; no spend known."""
    random_ = random.Random(seed)
    firsts = (OPENED + random_.randrange(days * 3 // 4) for _ in range(customers))
    return [Buyer(bought(random_, truth, first, OPENED + days)) for first in firsts]
