"""The ledger as a customer's collection keeps it: one item of what is open, and one a year of what has lapsed.

So going on by a transaction, and reading the balance, take the one item, however long the history; lapses are read
from the newest, a year at a time, as far as somebody looks.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from customer360.instants import sortable
from customer360.loyalty.ledger import Ledger, Lot, TierChange
from customer360.storage.items import CustomerItem, LapsesItem, LedgerItem
from customer360.storage.keys import LAPSES, LEDGER

END_OF_TIME = "9999"
YEARS_AT_ONCE = 2


def ledger_in(item: CustomerItem | None, lapses: Mapping[str, int]) -> Ledger:
    """The ledger an item keeps (None: nobody has recorded points yet), with those of its lapses that are known."""
    if not isinstance(item, LedgerItem):
        return Ledger()
    return Ledger(
        lots=deque(Lot(*lot) for lot in item.lots),
        debt=item.debt,
        lapsed=dict(sorted(lapses.items())),
        earned=item.earned,
        tier_changes=[TierChange(*change) for change in item.tier_changes],
        last=item.last,
    )


def ledger_items(pk: str, ledger: Ledger) -> dict[str, CustomerItem]:
    """The items that keep a ledger, by sort key."""
    items: dict[str, CustomerItem] = {
        LEDGER: LedgerItem(
            pk,
            LEDGER,
            lots=list(ledger.lots),
            debt=ledger.debt,
            earned=ledger.earned,
            tier_changes=ledger.tier_changes,
            last=ledger.last,
        )
    }
    years: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for instant, points in ledger.lapsed.items():
        years[LAPSES + instant[:4]][instant] = points
    return items | {key: LapsesItem(pk, key, lapses=lapses) for key, lapses in years.items()}


def kept_years(pk: str, low: str = "", high: str = END_OF_TIME) -> Iterator[dict[str, int]]:
    """What has lapsed and is not settled, by instant, newest first: a year at a time, read as far as somebody asks.

    From the year of one instant to that of another, inclusive; strongly consistent.
    """
    if low[:4] > high[:4]:
        return
    years = LapsesItem.query(
        pk,
        LapsesItem.sk.between(LAPSES + low[:4], LAPSES + high[:4]),
        scan_index_forward=False,
        consistent_read=True,
        page_size=YEARS_AT_ONCE,
    )
    for year in years:
        yield dict(reversed(year.lapses.items()))


def find_ledger(pk: str) -> CustomerItem | None:
    """The item of what is open, strongly consistent; None if nobody has recorded points."""
    return next(iter(CustomerItem.batch_get([(pk, LEDGER)], consistent_read=True)), None)


def lapses_of(years: Iterable[Mapping[str, int]]) -> dict[str, int]:
    return {instant: points for year in years for instant, points in year.items()}


def read_ledger(pk: str, item: CustomerItem | None, now: datetime) -> Ledger:
    """The ledger with all that may lapse after `now`. Reads nothing more, unless a transaction is dated ahead of it."""
    since = sortable(now)
    is_ahead = isinstance(item, LedgerItem) and item.last > since
    return ledger_in(item, lapses_of(kept_years(pk, low=since)) if is_ahead else {})


def read_balance(pk: str, now: datetime) -> int:
    """The points a customer can spend, strongly consistent.

    Between `Commit.of` and the commit's `write` it is exactly the balance the commit builds on: had it changed, the
    commit would fail.
    """
    return read_ledger(pk, find_ledger(pk), now).balance(sortable(now))
