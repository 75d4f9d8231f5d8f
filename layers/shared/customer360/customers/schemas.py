"""What `GET …/360` answers."""

from decimal import Decimal
from typing import Annotated, Literal

from customer360.api.schema import (
    Criteria,
    Email,
    Financial,
    Instant,
    Needs,
    Number,
    Phone,
    Response,
    Sections,
    absent_if_none,
)


class Address(Response):
    """Without `contact:read` the street is left out and the phone masked."""

    id: str
    line1: Annotated[str, Needs("contact:read")]
    line2: Annotated[str | None, Needs("contact:read")] = absent_if_none()
    city: str
    region: str | None = absent_if_none()
    postal_code: str | None = absent_if_none()
    country: str
    phone: Phone | None = absent_if_none()
    is_primary: bool


class OptIns(Response):
    email: bool
    sms: bool
    push: bool


class Profile(Response):
    id: str
    name: str
    email: Email
    phone: Phone | None = absent_if_none()
    avatar: str | None = absent_if_none()
    registration_date: Instant
    account_status: Literal["active", "pending", "suspended", "closed"]
    loyalty_tier: str | None = absent_if_none()
    opt_ins: Annotated[OptIns, Needs("marketing:read")]
    addresses: list[Address]
    updated_at: Instant | None


class Metrics(Response):
    """Money is in `currency`, the shop's; sums are exact. Days are whole elapsed days, `customerTenure` included."""

    currency: str
    lifetime_value: Financial[Decimal]
    total_orders: int
    completed_orders: int
    average_order_value: Financial[Decimal]
    total_spent: Financial[Decimal]
    refunded_amount: Financial[Decimal]
    days_since_last_purchase: int | None
    last_purchase_at: Instant | None
    purchase_frequency: Number
    customer_tenure: int
    updated_at: Instant | None


class HealthFactors(Response):
    purchase: Number
    engagement: Number
    support: Number
    recency: Number


class HealthContribution(Response):
    """`sections` of the page show the records behind it."""

    factor: str
    weight: Number
    value: Number
    points: Number
    sections: Sections


class PreviousScore(Response):
    """The score of the last earlier day on which it changed."""

    score: Number
    at: Instant


class HealthScore(Response):
    """0 to 100; the contributions' points add up to the score exactly."""

    score: Number
    level: Literal["excellent", "good", "fair", "poor"]
    factors: HealthFactors
    contributions: list[HealthContribution]
    recommendations: list[str]
    previous: PreviousScore | None = absent_if_none()
    calculated_at: Instant
    model_version: str


class ChurnFactors(Response):
    """`engagementDecline` is 0 (none) to 1; `supportIssues` counts open tickets."""

    days_since_last_purchase: int | None
    engagement_decline: Number
    support_issues: int


class ChurnContribution(Response):
    """`sections` of the page show the records behind it."""

    factor: str
    points: Number
    sections: Sections


class ChurnRisk(Response):
    """0 to 100: the probability (in percent) of no purchase within `horizonDays`; contributions add up to it."""

    level: Literal["low", "medium", "high"]
    score: Number
    probability: Number
    horizon_days: int
    basis: Literal["history", "prior"]
    factors: ChurnFactors
    contributions: list[ChurnContribution]
    retention_strategies: list[str]
    previous: PreviousScore | None = absent_if_none()
    calculated_at: Instant
    model_version: str


class CustomerSegment(Response):
    """A segment as a customer is in it."""

    id: str
    name: str
    description: str | None = absent_if_none()
    criteria: Annotated[Criteria | None, Needs("financials:read")] = absent_if_none()
    is_automatic: bool
    assigned_at: Instant
    assigned_by: str | None = absent_if_none()


class CustomerTag(Response):
    """A tag as a customer has it."""

    id: str
    name: str
    color: str
    description: str | None = absent_if_none()
    assigned_at: Instant
    assigned_by: str | None


class Overview(Response):
    """Who a customer is, and how they are doing."""

    profile: Profile
    metrics: Metrics
    health_score: HealthScore
    churn_risk: ChurnRisk
    segments: list[CustomerSegment]


class CustomerView(Overview):
    """Everything a customer's page opens with."""

    tags: list[CustomerTag]
    permissions: list[str]
    version: int
    updated_at: Instant
