"""Where a category's totals are kept: a customer's categories are spread over eight items.

One item would be written whole for every order; one item per category could not be written in one transaction (an
order may name hundreds). Eight keep both bounded.
"""

from zlib import crc32

from customer360.storage.keys import CATEGORIES

SHARDS = 8
SHARD_KEYS = tuple(f"{CATEGORIES}{number}" for number in range(SHARDS))


def shard(category: str) -> str:
    """The sort key of the item that holds this category's `views:`, `units:` and `revenue:`."""
    return SHARD_KEYS[crc32(category.encode()) % SHARDS]
