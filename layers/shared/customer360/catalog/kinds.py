"""What tags and segments have in common: both are defined once for the shop and given to customers."""

import unicodedata
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

from customer360.catalog.table import SEGMENTS, TAGS, DefinitionItem, SegmentItem, TagItem
from customer360.storage.keys import SEGMENT, TAG

# The members and the count of each are spread over so many keys: a transaction locks what it writes, and one key
# would let only one customer at a time be given the same tag.
SHARDS = 8


@dataclass(frozen=True, slots=True)
class Kind:
    """`noun` is the word for one of them, `plural` its partition in the catalog, `head` the prefix of a customer's
    own item, and `section` the part of the page that shows it."""

    noun: Literal["tag", "segment"]
    plural: str
    head: str
    section: str
    model: type[DefinitionItem]

    @property
    def names(self) -> str:
        return f"NAMES#{self.plural}"

    @property
    def counts(self) -> str:
        return f"COUNTS#{self.plural}"

    @property
    def lists(self) -> str:
        """What the keys of all lists of members begin with."""
        return f"MEMBERS#{self.plural}#"

    def members(self, identifier: str, shard: int) -> str:
        return f"{self.lists}{identifier}#{shard}"


TAG_KIND = Kind("tag", TAGS, TAG, "tags", TagItem)
SEGMENT_KIND = Kind("segment", SEGMENTS, SEGMENT, "segments", SegmentItem)
KINDS = {kind.plural: kind for kind in (TAG_KIND, SEGMENT_KIND)}


def shard_of(customer_id: str) -> int:
    """Which of the shards holds this customer."""
    return crc32(customer_id.encode()) % SHARDS


def folded(name: str) -> str:
    """The form in which names are compared: case, width, spacing and what cannot be seen do not make another name
    (Unicode NFKC). It is at most 200 characters, because a key is at most 1,024 bytes and one may fold to eighteen."""
    seen = "".join(one for one in unicodedata.normalize("NFKC", name) if unicodedata.category(one) != "Cf")
    return " ".join(seen.casefold().split())[:200]
