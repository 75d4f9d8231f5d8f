"""Segments of the shop are defined and changed. New criteria come into force in the background (`convergence`)."""

from datetime import UTC, datetime
from typing import Any, cast

from customer360.access.caller import Caller
from customer360.api.etags import Precondition
from customer360.catalog import store
from customer360.catalog.kinds import SEGMENT_KIND
from customer360.catalog.table import SEGMENTS, DefinitionItem, SegmentItem
from customer360.errors import Invalid
from customer360.exact_json import dumps
from customer360.segments import convergence
from customer360.segments.acceptance import accepted
from customer360.segments.schemas import NewSegment, Segment, SegmentChange
from customer360.segments.service import counted, page


def create(new: NewSegment, by: Caller, action_id: str) -> Segment:
    """Raises Invalid naming the fault in the criteria, also a tag there is not, and Conflict if the name is taken."""
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
    beside = convergence.begin(item, by, action_id, now) if item.criteria else []
    return counted(store.create(SEGMENT_KIND, item, beside))


def update(segment_id: str, change: SegmentChange, unchanged: Precondition, by: Caller, action_id: str) -> Segment:
    """Renames it, describes it anew, or changes its criteria. Raises NotFound, Invalid, Conflict and Stale."""
    criteria = _stored(change.criteria)

    def edit(item: DefinitionItem) -> list[store.Beside]:
        segment = cast("SegmentItem", item)
        unchanged.require(lambda: counted(segment), page)
        segment.name = change.name or segment.name
        if "description" in change.model_fields_set:
            segment.description = change.description or None
        if criteria is None or criteria == segment.criteria:
            return []
        if segment.criteria is None:
            raise Invalid("criteria", "is for automatic segments only")
        segment.criteria = criteria
        return convergence.begin(segment, by, action_id, datetime.now(UTC))

    return counted(store.change(SEGMENT_KIND, segment_id, edit))


def _stored(criteria: dict[str, Any] | None) -> str | None:
    return None if criteria is None else dumps(accepted(criteria))
