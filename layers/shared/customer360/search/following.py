"""Follows the stream of the customers table: keeps the search up to date with whoever changed.

Several commits of one customer in a batch are followed once. What fails for good is set aside in a queue of its own,
whatever becomes of the scores, and comes again by it. History that an import brings is followed later, once for all
that has come by then (`storage.later`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from customer360.search.projecting import project
from customer360.settings import projection_queue_url
from customer360.storage.items import CommitItem
from customer360.storage.keys import partition
from customer360.storage.later import Later
from customer360.storage.stream import Change, FailureQueue, Keys, Record, change_of, each_again

THREADS = 8
_later = Later(projection_queue_url)
# The sections of the page with something in them that is listed, filtered or sorted by.
ROW_SECTIONS = frozenset({"profile", "metrics", "orders", "health", "churn", "loyalty", "tags", "segments"})


class Followed(NamedTuple):
    """What came of a batch."""

    looked_at: int
    changed: int
    set_aside: int


def follow(records: Sequence[Record], now: datetime, deadline: float) -> Followed:
    """Sets aside what could not be followed before the deadline (of `time.monotonic`)."""
    failures = FailureQueue(projection_queue_url(), deadline)
    customers: defaultdict[str, list[Record]] = defaultdict(list)
    news: set[str] = set()
    for record in records:
        change = failures.isolate([record], partial(change_of, record))
        if change and _is_relevant(change):
            customers[change.customer_id].append(record)
            if not (isinstance(change.new, CommitItem) and change.new.is_old_news):
                news.add(change.customer_id)
    history = [each for each in customers if each not in news]
    failures.isolate([record for each in history for record in customers[each]], partial(_later.ask, history, now))

    def projected(customer_id: str) -> bool | None:
        return failures.isolate(customers[customer_id], partial(project, customer_id, now, deadline=deadline))

    with ThreadPoolExecutor(THREADS, thread_name_prefix="projecting") as pool:
        outcomes = list(pool.map(projected, news))
    return Followed(len(news), outcomes.count(True), len(failures.records))


def _is_relevant(change: Change) -> bool:
    """A claim moves no version. A commit that names no section keeps memberships nobody sees yet, which rows have."""
    old, new = change.old, change.new
    if not isinstance(new, CommitItem):
        return isinstance(old, CommitItem)
    if isinstance(old, CommitItem) and old.version >= new.version:
        return False
    return not new.changed or not ROW_SECTIONS.isdisjoint(new.changed)


def follow_again(message: Mapping[str, Any], now: datetime, deadline: float) -> Followed:
    """The same for the customers of a message of records that were set aside; see `storage.stream.each_again`."""
    customers = [{"pk": pk} for pk in sorted({place["keys"]["pk"] for place in message["records"]})]

    def projected(keys: Keys) -> bool:
        return project(keys["pk"].removeprefix(partition("")), now, deadline=deadline)

    done = each_again(message, customers, projected, queue_url=projection_queue_url(), deadline=deadline)
    return Followed(len(customers), done.count(True), len(customers) - len(done))
