"""All customers, for jobs that go through every one of them, shard by shard."""

from itertools import islice
from zlib import crc32

from customer360.storage.items import ByShard, CustomerItem
from customer360.storage.keys import partition

# Enough for a million customers to be spread over many workers. A customer stays in their shard for ever: the shards
# of the catalog's members (`catalog.kinds.SHARDS`, which divides this) are then never shared by all workers at once.
SHARDS = 64


def shard_numbers() -> range:
    return range(SHARDS)


def shard_of(pk: str) -> str:
    """The key of the shard a customer's partition is in, "00" to "63"."""
    return shard_key(crc32(pk.removeprefix(partition("")).encode()) % SHARDS)


def shard_key(number: int) -> str:
    return f"{number:02}"


def customers_of_shard(number: int, *, after: str | None = None, limit: int | None = 500) -> list[str]:
    """At most `limit` ids (None: all) of the shard's customers in order of their ids, from behind the one named.

    Eventually consistent: a customer who came within the last second may be missing, and is news of their own anyway.
    """
    condition = ByShard.pk > partition(after) if after else None
    rows = CustomerItem.shard_index.query(shard_key(number), condition, limit=limit, page_size=limit)
    return [row.pk.removeprefix(partition("")) for row in islice(rows, limit)]


def count_of_shard(number: int) -> int:
    """How many customers are in the shard, about: eventually consistent. Reads their keys, a megabyte at a time."""
    return CustomerItem.shard_index.count(shard_key(number))
