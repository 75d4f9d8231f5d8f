"""The names of tags and segments, kept in memory for 30 seconds: a customer's items hold only their ids."""

import time
from collections.abc import Collection
from typing import TypeVar

from customer360.catalog.table import SEGMENTS, TAGS, CatalogItem, SegmentItem, TagItem

KEPT_SECONDS = 30.0

Definition = TypeVar("Definition", TagItem, SegmentItem)

# When the catalog was read, and what there was under every id anybody has asked for.
_kept: dict[str, tuple[float, dict[str, CatalogItem | None]]] = {}


def tags(ids: Collection[str]) -> dict[str, TagItem]:
    """By id those that there are; a change or a deletion shows within 30 seconds, a new one at once."""
    return _definitions(TAGS, TagItem, ids)


def segments(ids: Collection[str]) -> dict[str, SegmentItem]:
    """By id those that there are; a change or a deletion shows within 30 seconds, a new one at once."""
    return _definitions(SEGMENTS, SegmentItem, ids)


def _definitions(kind: str, model: type[Definition], ids: Collection[str]) -> dict[str, Definition]:
    items: dict[str, CatalogItem | None]
    read_at, items = _kept.get(kind, (float("-inf"), {}))
    is_old = time.monotonic() - read_at > KEPT_SECONDS
    if ids and (is_old or not items.keys() >= set(ids)):
        now = {item.sk: item for item in model.query(kind, consistent_read=True)}
        items = {**dict.fromkeys([*items, *ids]), **now}
        _kept[kind] = (time.monotonic(), items)
    return {key: item for key in ids if isinstance(item := items[key], model)}
