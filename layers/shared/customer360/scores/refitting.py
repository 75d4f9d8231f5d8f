"""Learns the shop's churn model afresh from what its customers bought and did, and tests it on the last horizon.

Guarantees: repeated, or run twice at once, a day has one model (`scores.models`). A fit that is refused, by `learn` or
by its back-test, leaves the parameters in use. What was read when the time runs out is used, and judged by the same
rules; a read that fails fails the refit, and nothing is stored.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256

from customer360.scores import models
from customer360.scores.facts import all_months_of
from customer360.scores.table import RefitItem
from customer360.scoring.back_testing import BackTest, back_test
from customer360.scoring.buyers import buyer_of
from customer360.scoring.learning import Buyer, Learned, known_buyers, learn
from customer360.shop_time import shop_day
from customer360.storage.everyone import customers_of_shard, shard_numbers
from customer360.storage.parallel import at_once

# More would teach no more: a tenth of CDNOW's 23,570 customers teach what all do, within 0.0003 of AUC. So many are
# read in two minutes and learned from and tested in half a minute, on one core: a customer costs 1.4 ms of its time,
# and the eight reads that `at_once` makes beside one another keep it busy; sixteen are no faster.
MOST_BUYERS = 50_000
MOST_DAYS = 2_000_000  # of purchases, of visits and of tickets: up to 250 bytes each
CUSTOMERS_A_BATCH = 200
IDS_A_PAGE = 1000


@dataclass(slots=True)
class Sample:
    """How many `customers` were read, those of them who ever bought, and whether the time sufficed."""

    customers: int = 0
    buyers: list[Buyer] = field(default_factory=list)
    days: int = 0
    is_complete: bool = True

    def add(self, batch: list[str]) -> None:
        found = at_once([partial(_buyer, customer_id) for customer_id in batch])
        bought = [buyer for buyer in found if buyer]
        self.customers += len(batch)
        self.buyers += bought
        self.days += sum(len(buyer.days) + len(buyer.touches) + len(buyer.tickets) for buyer in bought)

    @property
    def is_large(self) -> bool:
        return len(self.buyers) >= MOST_BUYERS or self.days >= MOST_DAYS


@dataclass(frozen=True, slots=True)
class Refit:
    """What became of the model of `day`: `is_stored` is False if another refit counts more."""

    day: date
    sample: Sample
    learned: Learned
    back_test: BackTest | None
    is_stored: bool


def refit(now: datetime, has_time: Callable[[], bool]) -> Refit | None:
    """As of the last whole day of the shop's time zone; None if that day has its model already."""
    day = shop_day(now) - timedelta(days=1)
    latest = RefitItem.find()
    if latest and not latest.gives_way_to(day):
        return None
    sample = read_sample(has_time)
    # In an order of their own, as sums of floats depend on it: the same shop makes the same version.
    buyers = sorted(sample.buyers, key=lambda buyer: (buyer.days, buyer.spending, buyer.touches, buyer.tickets))
    in_use = models.in_use(latest)
    learned = learn(buyers, day, in_use=in_use)
    tested = back_test(buyers, day, in_use_then=models.newest_by(day - timedelta(days=in_use.horizon_days)))
    if tested and tested.refusal and not learned.refusal:
        learned = Learned(in_use, tested.refusal)
    stored = models.store(day, learned, len(known_buyers(buyers, day)), tested)
    return Refit(day, sample, learned, tested, stored)


def read_sample(has_time: Callable[[], bool]) -> Sample:
    """Customers in the order of a hash, so that it is a uniform sample wherever it ends, and the same every night."""
    sample = Sample()
    for batch in _batches():
        if not has_time():
            sample.is_complete = False
            break
        sample.add(batch)
        if sample.is_large:
            break
    return sample


def _batches() -> Iterator[list[str]]:
    """All customers; shards are by a hash, too."""
    for number in shard_numbers():
        ids = sorted(_ids(number), key=lambda customer_id: sha256(customer_id.encode()).digest())
        for start in range(0, len(ids), CUSTOMERS_A_BATCH):
            yield ids[start : start + CUSTOMERS_A_BATCH]


def _ids(number: int) -> Iterator[str]:
    page = customers_of_shard(number, limit=IDS_A_PAGE)
    while page:
        yield from page
        page = customers_of_shard(number, after=page[-1], limit=IDS_A_PAGE) if len(page) == IDS_A_PAGE else []


def _buyer(customer_id: str) -> Buyer | None:
    return buyer_of(all_months_of(customer_id))
