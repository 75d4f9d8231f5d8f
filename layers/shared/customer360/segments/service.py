"""Segments: the shop's own, and by hand those of a customer."""

from collections.abc import Container, Mapping
from typing import cast

from customer360.access.caller import Caller
from customer360.catalog import assignments, pages, store
from customer360.catalog.kinds import SEGMENT_KIND, TAG_KIND
from customer360.catalog.table import DefinitionItem, SegmentItem
from customer360.customers.assigned import customer_segment
from customer360.customers.schemas import CustomerSegment
from customer360.errors import Conflict
from customer360.exact_json import loads
from customer360.segments.criteria import tags_in
from customer360.segments.membership import membership_key
from customer360.segments.schemas import Segment, SegmentPage


def page(limit: int | None = None, cursor: str | None = None) -> SegmentPage:
    """Segments by name with how many customers are in each. Raises Invalid for a cursor of another list."""
    items, following = pages.page(SEGMENT_KIND, limit, cursor)
    counts = store.counts(SEGMENT_KIND)
    missing = store.missing(TAG_KIND, {tag_id for item in items for tag_id in _tags_of(item)})
    segments = [_answered(item, counts, missing) for item in items]
    return SegmentPage(segments=segments, next_cursor=following)


def add(customer_id: str, segment_id: str, by: Caller, action_id: str) -> CustomerSegment:
    """Puts the customer in. Raises NotFound, and Conflict for an automatic one or if they are in it already."""
    item, segment = assignments.give(SEGMENT_KIND, customer_id, segment_id, by, action_id, by_hand)
    return customer_segment(item, cast("SegmentItem", segment))


def remove(customer_id: str, segment_id: str, by: Caller, action_id: str) -> None:
    """Takes the customer out. Raises NotFound, also if they are not in it, and Conflict for an automatic one."""
    assignments.take(SEGMENT_KIND, customer_id, segment_id, by, action_id, by_hand)


def by_hand(item: DefinitionItem) -> None:
    """Raises Conflict for an automatic one."""
    if cast("SegmentItem", item).criteria is not None:
        raise Conflict("an automatic segment follows its criteria; customers cannot be put in or out by hand")


def _tags_of(item: DefinitionItem) -> list[str]:
    """The ids its criteria refer to, each once."""
    criteria = cast("SegmentItem", item).criteria
    return list(dict.fromkeys(tag_id for _, tag_id in tags_in(loads(criteria)))) if criteria else []


def counted(item: DefinitionItem) -> Segment:
    """As it is answered, with how many customers are in it now."""
    missing = store.missing(TAG_KIND, _tags_of(item))
    return _answered(item, store.counts(SEGMENT_KIND, item.sk), missing)


def _answered(item: DefinitionItem, counts: Mapping[str, int], missing: Container[str]) -> Segment:
    segment = cast("SegmentItem", item)
    return Segment(
        id=segment.sk,
        name=segment.name,
        description=segment.description,
        is_automatic=segment.criteria is not None,
        criteria=loads(segment.criteria) if segment.criteria else None,
        missing_tags=[tag_id for tag_id in _tags_of(item) if tag_id in missing] or None,
        customer_count=counts.get(membership_key(segment.sk, segment.generation), 0),
        job_id=segment.job_id if segment.building else None,
        created_at=segment.created_at,
        updated_at=segment.updated_at,
    )
