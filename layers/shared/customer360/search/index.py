"""Reads of the index, counted: what a search costs is what it reads here.

Indexes are read eventually consistent, as global ones can only be; so is everything else of a search.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from threading import Lock
from typing import Any, NamedTuple
from zlib import crc32

from customer360.catalog.kinds import SHARDS as MEMBER_SHARDS
from customer360.catalog.kinds import Kind
from customer360.catalog.table import CatalogItem
from customer360.search.matching import Range
from customer360.search.row import Row, Term
from customer360.search.table import COLUMNS, DirectoryItem, SearchItem
from customer360.storage.items import ByOrderNumber, CustomerItem
from customer360.storage.keys import partition
from customer360.storage.parallel import at_once

# A partition of an index takes 1,000 writes a second, and so many of them are read for a page.
SHARDS = 8
BATCH = 100  # what a BatchGet takes at most
UNPROCESSED_PAUSE_SECONDS = 0.05


def shard_of(customer_id: str) -> str:
    """The shard of the directory a customer's row is in, for ever."""
    return str(crc32(customer_id.encode()) % SHARDS)


# A list of members: the kind, and the id of a tag or the membership of a segment that can be seen.
MemberList = tuple[Kind, str]


class Placed(NamedTuple):
    """A row and its sort key in the index it was read from."""

    key: str
    row: Row


class Slice(NamedTuple):
    """Rows of a range in their order, and where it breaks off; None: it does not."""

    rows: list[Placed]
    end: str | None


class Hits(NamedTuple):
    """Who has a term, and whether that is everybody who has it."""

    ids: frozenset[str]
    is_complete: bool


@dataclass(slots=True)
class Index:
    """Reads for one search. `items` were read, which took so many `seconds` for each kind of read."""

    items: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def slice_of(self, asked: Range, limit: int, *, descending: bool, after: str | None = None) -> Slice:
        """Rows between the keys of a range, merged from all shards, beyond the key `after`; at most `limit` a shard."""
        low, high = asked.first_key, asked.last_key
        if after is not None:
            low, high = (low, min(high, after)) if descending else (max(low, after), high)
        if low > high:
            return Slice([], None)
        reads = [
            partial(self._of_shard, str(shard), asked.column, low, high, limit + 2, descending=descending)
            for shard in range(SHARDS)
        ]
        rows: list[Placed] = []
        ends = []
        for found in self._timed("walk", reads):
            beyond = [placed for placed in found if placed.key != after]
            rows += beyond[:limit]
            if len(beyond) > limit:
                ends.append(beyond[limit - 1].key)
        rows.sort(key=lambda placed: placed.key, reverse=descending)
        return Slice(rows, (max(ends) if descending else min(ends)) if ends else None)

    def count(self, asked: Range, limit: int) -> tuple[int, bool]:
        """How many rows are in a range, and whether those are all: it stops after `limit` rows of a shard."""
        reads = [partial(self._count_of_shard, str(shard), asked, limit + 1) for shard in range(SHARDS)]
        counts = self._timed("count", reads)
        return sum(min(count, limit) for count in counts), max(counts) <= limit

    def estimate(self, asked: Range, limit: int) -> int:
        """About how many rows are in a range, by one shard: who is in which is chance."""
        (count,) = self._timed("estimate", [partial(self._count_of_shard, "0", asked, limit)])
        return int(count) * SHARDS

    def hits_of(self, terms: Collection[Term], limit: int) -> dict[Term, Hits]:
        """Who has each term, but no more than `limit` of them."""
        every = list(terms)
        found = self._timed("terms", [partial(self._hits, term, limit) for term in every])
        return dict(zip(every, found, strict=True))

    def holders_of(self, numbers: Collection[str]) -> dict[str, frozenset[str]]:
        """Everybody who has an order with each number."""
        every = list(numbers)
        found = self._timed("orders", [partial(self._holders, number) for number in every])
        return dict(zip(every, found, strict=True))

    def member_counts(self, lists: Collection[MemberList]) -> dict[MemberList, int]:
        """How many customers are on each list of members."""
        every = list(lists)
        found = self._timed("members", [partial(self._member_count, *each) for each in every])
        return dict(zip(every, found, strict=True))

    def members(self, kind: Kind, key: str) -> frozenset[str]:
        """Who has a tag, or is in a segment: `key` is its id, or the membership that can be seen."""
        reads = [partial(self._members, kind.members(key, shard)) for shard in range(MEMBER_SHARDS)]
        return frozenset().union(*self._timed("members", reads))

    def rows_of(self, ids: Collection[str]) -> list[Row]:
        """The rows of these customers, in no order."""
        iterator = iter(ids)
        batches = iter(lambda: list(islice(iterator, BATCH)), [])
        found = self._timed("rows", [partial(self._batch, batch) for batch in batches])
        return [row for rows in found for row in rows]

    # ------------------------------------------------------------- single reads

    def _of_shard(self, shard: str, column: str, low: str, high: str, limit: int, *, descending: bool) -> list[Placed]:
        name, attribute = COLUMNS[column]
        items = self._query(
            DirectoryItem,
            shard,
            attribute.between(low, high),
            limit,
            index_name=name,
            scan_index_forward=not descending,
            attributes_to_get=[attribute.attr_name, "row"],
        )
        return [Placed(item[attribute.attr_name]["S"], Row.from_json(item["row"]["S"])) for item in items]

    def _count_of_shard(self, shard: str, asked: Range, limit: int) -> int:
        name, attribute = COLUMNS[asked.column]
        within = attribute.between(asked.first_key, asked.last_key)
        return sum(1 for _ in self._query(DirectoryItem, shard, within, limit, index_name=name, select="COUNT"))

    def _hits(self, term: Term, limit: int) -> Hits:
        begins = SearchItem.sk.startswith(term.text or "#")
        keys = [item["sk"]["S"] for item in self._query(SearchItem, term.bucket, begins, limit + 1)]
        return Hits(frozenset(key.rpartition("#")[2] for key in keys), len(keys) <= limit)

    def _holders(self, number: str) -> frozenset[str]:
        items = self._query(CustomerItem, number, None, None, index_name=ByOrderNumber.Meta.index_name)
        return frozenset(item["pk"]["S"].removeprefix(partition("")) for item in items)

    def _member_count(self, kind: Kind, key: str) -> int:
        items = self._query(CatalogItem, kind.counts, CatalogItem.sk.startswith(f"{key}#"), None)
        return sum(int(item["customers"]["N"]) for item in items)

    def _members(self, key: str) -> frozenset[str]:
        return frozenset(item["sk"]["S"] for item in self._query(CatalogItem, key, None, None))

    def _batch(self, ids: list[str]) -> list[Row]:
        keys: Any = [{"shard": shard_of(each), "customerId": each} for each in ids]
        connection, table = DirectoryItem._get_connection(), DirectoryItem.Meta.table_name
        rows: list[Row] = []
        while True:
            answer = connection.batch_get_item(keys, attributes_to_get=["row"])
            found = answer["Responses"].get(table, [])
            rows += [Row.from_json(item["row"]["S"]) for item in found]
            self._count_items(len(found))
            left = answer.get("UnprocessedKeys", {}).get(table)
            if not left:
                return rows
            keys = [{name: value["S"] for name, value in key.items()} for key in left["Keys"]]
            time.sleep(UNPROCESSED_PAUSE_SECONDS)

    def _query(self, model: Any, key: str, condition: Any, limit: int | None, **how: Any) -> Iterator[dict[str, Any]]:
        """At most `limit` items as DynamoDB gives them; of a count, as many empty ones."""
        connection, start, left = model._get_connection(), None, limit
        while left is None or left > 0:
            answer = connection.query(key, condition, exclusive_start_key=start, limit=left, **how)
            self._count_items(answer["Count"])
            yield from answer.get("Items") or ({} for _ in range(answer["Count"]))
            start = answer.get("LastEvaluatedKey")
            left = None if left is None else left - answer["Count"]
            if not start:
                return

    def _count_items(self, items: int) -> None:
        with self._lock:
            self.items += items

    def _timed(self, kind: str, reads: Sequence[Callable[[], Any]]) -> tuple[Any, ...]:
        """All at once."""
        started = time.perf_counter()
        try:
            return at_once(list(reads))
        finally:
            self.seconds[kind] = self.seconds.get(kind, 0.0) + time.perf_counter() - started
