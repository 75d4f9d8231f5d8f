"""Segments: the shop's own, and by hand those of a customer."""

from datetime import UTC, datetime
from typing import Any, cast

from customer360.access.caller import Caller
from customer360.api.etags import Precondition
from customer360.catalog import assignments, pages, store
from customer360.catalog.kinds import SEGMENT_KIND
from customer360.catalog.table import SEGMENTS, DefinitionItem, SegmentItem
from customer360.customers.assigned import customer_segment
from customer360.customers.schemas import CustomerSegment
from customer360.errors import Conflict, Invalid
from customer360.exact_json import dumps, loads
from customer360.segments.criteria import checked
from customer360.segments.schemas import NewSegment, Segment, SegmentChange, SegmentPage

LONGEST_CRITERIA = 20_000  # the segments in use are kept in the memory of every function that names them


def page(limit: int | None = None, cursor: str | None = None) -> SegmentPage:
    """Segments by name with how many customers are in each. Raises Invalid for a cursor of another list."""
    items, following = pages.page(SEGMENT_KIND, limit, cursor)
    counts = store.counts(SEGMENT_KIND)
    return SegmentPage(segments=[_answered(item, counts.get(item.sk, 0)) for item in items], next_cursor=following)


def create(new: NewSegment, action_id: str) -> Segment:
    """Raises Invalid naming the fault in the criteria, and Conflict if the name is taken."""
    if new.is_automatic and new.criteria is None:
        raise Invalid("criteria", "is required for an automatic segment")
    if not new.is_automatic and new.criteria is not None:
        raise Invalid("criteria", "is for automatic segments only")
    now = datetime.now(UTC)
    item = SegmentItem(
        SEGMENTS,
        f"segment-{action_id}",
        name=new.name,
        description=new.description or None,
        criteria=_stored(new.criteria),
        created_at=now,
        updated_at=now,
    )
    return _answered(store.create(SEGMENT_KIND, item), 0)


def update(segment_id: str, change: SegmentChange, unchanged: Precondition) -> Segment:
    """Renames it, describes it anew, or changes its criteria. Raises NotFound, Invalid, Conflict and Stale."""
    criteria = _stored(change.criteria)

    def edit(item: DefinitionItem) -> None:
        segment = cast("SegmentItem", item)
        unchanged.require(lambda: _counted(segment), page)
        segment.name = change.name or segment.name
        if "description" in change.model_fields_set:
            segment.description = change.description or None
        if criteria is not None:
            if segment.criteria is None:
                raise Invalid("criteria", "is for automatic segments only")
            segment.criteria = criteria

    return _counted(store.change(SEGMENT_KIND, segment_id, edit))


def add(customer_id: str, segment_id: str, by: Caller, action_id: str) -> CustomerSegment:
    """Puts the customer in. Raises NotFound, and Conflict for an automatic one or if they are in it already."""
    item, segment = assignments.give(SEGMENT_KIND, customer_id, segment_id, by, action_id, _by_hand)
    return customer_segment(item, cast("SegmentItem", segment))


def remove(customer_id: str, segment_id: str, by: Caller, action_id: str) -> None:
    """Takes the customer out. Raises NotFound, also if they are not in it, and Conflict for an automatic one."""
    assignments.take(SEGMENT_KIND, customer_id, segment_id, by, action_id, _by_hand)


def _by_hand(item: DefinitionItem) -> None:
    if cast("SegmentItem", item).criteria is not None:
        raise Conflict("an automatic segment follows its criteria; customers cannot be put in or out by hand")


def _stored(criteria: dict[str, Any] | None) -> str | None:
    if criteria is None:
        return None
    text = dumps(checked(criteria))
    if len(text) > LONGEST_CRITERIA:
        raise Invalid("criteria", f"must be at most {LONGEST_CRITERIA} characters of JSON")
    return text


def _counted(item: DefinitionItem) -> Segment:
    return _answered(item, store.counts(SEGMENT_KIND, item.sk).get(item.sk, 0))


def _answered(item: DefinitionItem, customer_count: int) -> Segment:
    segment = cast("SegmentItem", item)
    return Segment(
        id=segment.sk,
        name=segment.name,
        description=segment.description,
        is_automatic=segment.criteria is not None,
        criteria=loads(segment.criteria) if segment.criteria else None,
        customer_count=customer_count,
        created_at=segment.created_at,
        updated_at=segment.updated_at,
    )
