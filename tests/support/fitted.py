"""A shop in the tables that buys as it is told to, and the models fitted to it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from customer360.catalog.table import SHOP
from customer360.scores import models
from customer360.scores.table import MODEL, MODELS, ModelItem, RefitItem
from customer360.scoring.learning import Buyer
from customer360.scoring.months import Signal, by_month
from customer360.scoring.parameters import DEFAULT
from customer360.storage.everyone import shard_of
from customer360.storage.items import CommitItem, CustomerItem, TotalsItem
from customer360.storage.keys import COMMIT, partition
from support.shops import OPENED
from support.tables import empty_table

AGES_AGO = datetime(2021, 1, 1, tzinfo=UTC)


def ending_on(buyers: Sequence[Buyer], days: int, last: date) -> list[Buyer]:
    """The same shop, whose `days` end with `last`; every purchase is of 20. By purchase days, as a refit
    has them."""
    later = last.toordinal() - (OPENED + days)
    moved = [[day + later for day in buyer.days] for buyer in buyers]
    return [Buyer(days, [(day, Decimal(20)) for day in days]) for days in sorted(moved)]


def open_shop(buyers: Mapping[str, Buyer | None]) -> None:
    """Nobody but these customers, with what the scores are kept from; None is somebody who never bought."""
    empty_table("CustomersTable")
    with CustomerItem.batch_write() as batch:
        for customer_id, buyer in buyers.items():
            for item in _items(customer_id, buyer):
                batch.save(item)


def _items(customer_id: str, buyer: Buyer | None) -> list[CustomerItem]:
    pk = partition(customer_id)
    commit = CommitItem(
        pk,
        COMMIT,
        version=1,
        committed_at=AGES_AGO,
        updated_at=AGES_AGO,
        sections={},
        freshness={},
        changed={},
        shard=shard_of(pk),
    )
    if buyer is None:
        return [commit]
    months: defaultdict[str, dict[str, Decimal]] = defaultdict(dict)
    signals = [Signal(date.fromordinal(day), "purchases") for day in buyer.days]
    signals += [Signal(date.fromordinal(day), "spend", amount) for day, amount in buyer.spending]
    for signal in signals:
        for key, entries in by_month(signal).items():
            months[key] |= entries
    return [commit, *(TotalsItem(pk, key, totals=totals, moments={}) for key, totals in months.items())]


def forget_models() -> None:
    """As if there never was a refit, also in memory."""
    for item in ModelItem.query(MODELS, consistent_read=True):
        item.delete()
    RefitItem(SHOP, MODEL).delete()
    forget_in_memory()


def forget_in_memory() -> None:
    """As in a process that has just begun."""
    models._versions.clear()
    models._versions[DEFAULT.version] = DEFAULT
    models._read_at = float("-inf")
