"""What the preview of a segment takes and answers."""

from decimal import Decimal

from customer360.api.schema import Criteria, Email, Financial, Number, Request, Response, absent_if_none
from customer360.scoring.churn import ChurnLevel
from customer360.sources.fields import Identifier


class PreviewRequest(Request):
    """`segmentId` names the automatic segment whose criteria these are to replace."""

    criteria: Criteria
    segment_id: Identifier | None = None


class PreviewedCustomer(Response):
    id: str
    name: str
    email: Email
    lifetime_value: Financial[Decimal]
    total_orders: int
    health_score: Number
    churn_level: ChurnLevel


class PreviewedChange(Response):
    """How many, exact or estimated as the whole preview is, and up to ten of them."""

    count: int
    margin_of_error: int | None = absent_if_none()
    sample: list[PreviewedCustomer]


class SegmentPreview(Response):
    """How many of the shop's `total` customers meet the criteria now, and up to ten of them, drawn at random.

    With `countIsExact` all of them were evaluated. Otherwise the `evaluated` ones were drawn at random, and the true
    count is within `marginOfError` of `count` with 95 % confidence (Wilson's score interval with the finite population
    correction, its farther end). With a `segmentId`: `entering` are those who are not in the segment now and would be,
    `leaving` those who are and would not.
    """

    count: int
    count_is_exact: bool
    margin_of_error: int | None = absent_if_none()
    evaluated: int
    total: int
    sample: list[PreviewedCustomer]
    entering: PreviewedChange | None = absent_if_none()
    leaving: PreviewedChange | None = absent_if_none()
