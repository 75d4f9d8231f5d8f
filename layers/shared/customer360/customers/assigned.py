"""A customer's tag or segment as it is answered: the assignment is the customer's, the name the catalog's."""

from customer360.catalog import definitions
from customer360.catalog.table import SegmentItem, TagItem
from customer360.customers.schemas import CustomerSegment, CustomerTag
from customer360.exact_json import loads
from customer360.segments.membership import membership_key, segment_and_generation
from customer360.storage.heads import Heads
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


def segments_of(heads: Heads) -> list[CustomerSegment]:
    """Those the customer is in, in one order for everybody: of an automatic one only the generation that can be seen
    counts."""
    assigned = heads.segments()
    known = definitions.segments(list(dict.fromkeys(segment_and_generation(key)[0] for key in assigned)))
    return [
        customer_segment(item, segment)
        for segment in known.values()
        if (item := assigned.get(membership_key(segment.sk, segment.generation)))
    ]


def customer_segment(item: AssignmentItem, segment: SegmentItem) -> CustomerSegment:
    return CustomerSegment(
        id=segment.sk,
        name=segment.name,
        description=segment.description,
        criteria=loads(segment.applied) if segment.applied else None,
        is_automatic=segment.criteria is not None,
        assigned_at=item.assigned_at,
        assigned_by=item.assigned_by,
    )
