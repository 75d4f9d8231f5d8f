"""A customer's tag or segment as it is answered: the assignment is the customer's, the name the catalog's."""

from customer360.catalog.table import SegmentItem, TagItem
from customer360.customers.schemas import CustomerSegment, CustomerTag
from customer360.exact_json import loads
from customer360.storage.items import AssignmentItem


def customer_tag(item: AssignmentItem, tag: TagItem) -> CustomerTag:
    return CustomerTag(
        id=tag.sk,
        name=tag.name,
        color=tag.color,
        description=tag.description,
        assigned_at=item.assigned_at,
        assigned_by=item.assigned_by,
    )


def customer_segment(item: AssignmentItem, segment: SegmentItem) -> CustomerSegment:
    return CustomerSegment(
        id=segment.sk,
        name=segment.name,
        description=segment.description,
        criteria=loads(segment.criteria) if segment.criteria else None,
        is_automatic=segment.criteria is not None,
        assigned_at=item.assigned_at,
        assigned_by=item.assigned_by,
    )
