"""What the endpoints of segments take and answer."""

from typing import Annotated

from customer360.api.free_text import Description, Name
from customer360.api.schema import Criteria, Instant, Needs, Request, Response, absent_if_none
from customer360.sources.fields import Identifier


class NewSegment(Request):
    """`criteria` if and only if `isAutomatic`."""

    name: Name
    description: Description | None = None
    is_automatic: bool
    criteria: Criteria | None = None


class SegmentChange(Request):
    """What is left out stays as it is; `description: null` clears it. Only an automatic segment has criteria."""

    name: Name | None = None
    description: Description | None = None
    criteria: Criteria | None = None


class Segment(Response):
    """A segment of the shop, and how many customers are in it.

    `missingTags` are ids of tags that its criteria refer to and that have been deleted: nobody has one of these, so
    the criteria may not mean any more what they were meant to. While changed criteria are being applied to all
    customers, `jobId` names the job that does it; until it is done, who is in the segment, and `customerCount`, follow
    the criteria before.
    """

    id: str
    name: str
    description: str | None = absent_if_none()
    is_automatic: bool
    criteria: Annotated[Criteria | None, Needs("financials:read")] = absent_if_none()
    missing_tags: Annotated[list[str] | None, Needs("financials:read")] = absent_if_none()
    customer_count: int
    job_id: str | None = absent_if_none()
    created_at: Instant
    updated_at: Instant


class SegmentPage(Response):
    """Segments by name; all of them unless a `limit` is asked for."""

    segments: list[Segment]
    next_cursor: str | None = absent_if_none()


class SegmentAssignment(Request):
    segment_id: Identifier
