"""What `GET …/customers/compare` answers."""

from customer360.api.schema import Number, Response, absent_if_none
from customer360.customers.schemas import Overview


class Difference(Response):
    """How one measure differs between the customers, whose `values` are in the order of `customers`, null where there
    is none.

    `spreadPercent` is what lies between the least and the greatest value, in percent of the one farther from zero, one
    decimal; null where fewer than two values are known. `isNotable`: it is 25 or more. `best` is the customer whose
    value is better than every other's, absent where none is, or where neither more nor less is better.
    """

    metric: str
    values: list[Number | None]
    min: Number | None
    max: Number | None
    spread_percent: Number | None
    is_notable: bool
    best: str | None = absent_if_none()


class PartlyShared(Response):
    """A segment of two out of three."""

    id: str
    customers: list[str]


class SegmentOverlap(Response):
    """Ids of segments: `shared` of those all customers are in, `onlyIn` by customer of those nobody else is in, and
    `partlyShared` of all others. What a segment is called stands with the customers."""

    shared: list[str]
    only_in: dict[str, list[str]]
    partly_shared: list[PartlyShared]


class CustomerComparison(Response):
    """Customers in the order they were asked for. Of what the caller may not see there is no difference, either."""

    customers: list[Overview]
    differences: list[Difference]
    segments: SegmentOverlap
