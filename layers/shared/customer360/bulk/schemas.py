"""What the endpoints of bulk assignments take and answer."""

from typing import Literal

from customer360.api.schema import Request, Response, absent_if_none
from customer360.search.query import SearchQuery
from customer360.sources.fields import Identifier


class BulkAssignment(Request):
    """To all customers whom `search` finds, give the tag or the segment filled by hand, or take it from them.

    `search` holds parameters of the customer search by their names, without `limit` and `cursor`; its order does not
    matter. Either `tagId` or `segmentId`. Nobody is changed who is found but by a name with one letter different.
    """

    search: SearchQuery
    action: Literal["add", "remove"]
    tag_id: Identifier | None = None
    segment_id: Identifier | None = None


class BulkPreview(Response):
    """How many customers the search finds now; exact if `countIsExact`, else there are at least so many.

    `changing` are those of them who do not have it yet, or who have it if it is to be taken: who would be changed. It
    is left out where it cannot be told exactly. Both are as the search finds, which is behind changes by a moment.
    """

    count: int
    count_is_exact: bool
    changing: int | None = absent_if_none()


class JobBegun(Response):
    """The work goes on in the background; `jobId` names it."""

    job_id: str
