"""What `GET /api/admin/customers/search` answers."""

from decimal import Decimal
from typing import Literal

from customer360.api.schema import Email, Financial, Instant, Number, Phone, Response, absent_if_none
from customer360.customers.record import AccountStatus
from customer360.loyalty.tiers import TierName
from customer360.scoring.churn import ChurnLevel
from customer360.scoring.health import HealthLevel


class Label(Response):
    """A segment the customer is in."""

    id: str
    name: str


class ColouredLabel(Label):
    """A tag of the customer."""

    color: str


class FoundCustomer(Response):
    """A row of the list. `match` says if it is there but for what was searched for: by an e-mail or phone the customer
    once had (`former`), or by a name with one letter different (`typo`)."""

    id: str
    name: str
    email: Email
    phone: Phone | None = absent_if_none()
    account_status: AccountStatus
    loyalty_tier: TierName | None = absent_if_none()
    total_orders: int
    lifetime_value: Financial[Decimal]
    registered_at: Instant
    last_purchase_at: Instant | None = absent_if_none()
    health_score: Number
    health_level: HealthLevel
    churn_score: Number
    churn_level: ChurnLevel
    segments: list[Label]
    tags: list[ColouredLabel]
    match: Literal["former", "typo"] | None = absent_if_none()


class Step(Response):
    """What was read, and how long it took."""

    name: str
    milliseconds: Number


class Explanation(Response):
    """How the search was answered: by which way in, and what it cost. `readUnits` are DynamoDB's."""

    way_in: str
    items_read: int
    read_units: Number
    steps: list[Step]

    @property
    def server_timing(self) -> str:
        """The value of the header `Server-Timing`."""
        return ", ".join(f"{step.name};dur={step.milliseconds}" for step in self.steps)


class SearchPage(Response):
    """`total` is exact if `totalIsExact`, else there are at least so many: no more than about 10,000 customers are
    looked at for it. The pages that follow say that of the first, unless they come to know it afresh."""

    customers: list[FoundCustomer]
    total: int
    total_is_exact: bool
    debug: Explanation | None = absent_if_none()
    next_cursor: str | None = absent_if_none()
