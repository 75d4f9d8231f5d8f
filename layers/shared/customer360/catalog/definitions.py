"""The names of tags and segments, kept in memory for 30 seconds: a customer's items hold only their ids."""

import time
from typing import TypeVar

from customer360.catalog.table import SEGMENTS, TAGS, CatalogItem, SegmentItem, TagItem

KEPT_SECONDS = 30.0

Definition = TypeVar("Definition", TagItem, SegmentItem)

_kept: dict[str, tuple[float, dict[str, CatalogItem]]] = {}


def tags() -> dict[str, TagItem]:
    """Every tag by id."""
    return _definitions(TAGS, TagItem)


def segments() -> dict[str, SegmentItem]:
    """Every segment by id."""
    return _definitions(SEGMENTS, SegmentItem)


def _definitions(kind: str, model: type[Definition]) -> dict[str, Definition]:
    read_at, items = _kept.get(kind, (float("-inf"), {}))
    if time.monotonic() - read_at > KEPT_SECONDS:
        items = {item.sk: item for item in model.query(kind)}
        _kept[kind] = (time.monotonic(), items)
    return {key: item for key, item in items.items() if isinstance(item, model)}
