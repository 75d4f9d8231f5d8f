"""What `GET …/loyalty` answers."""

from customer360.api.schema import Instant, Response, absent_if_none
from customer360.loyalty.record import PointsType
from customer360.loyalty.tiers import TierName


class TierProgress(Response):
    """From this tier to the next, by lifetime points; `progressPercent` is whole, rounded down."""

    tier: TierName | None
    next_tier: TierName | None
    points_to_next: int
    progress_percent: int


class ExpiringPoints(Response):
    """What lapses within the next 30 days unless it is spent, and when the first of it does."""

    amount: int
    next_expiry_date: Instant | None


class LoyaltyTransaction(Response):
    """Points with their sign. Points that lapsed by themselves are an `expired` transaction of our own making, whose id
    begins with `~`."""

    id: str
    type: PointsType
    points: int
    description: str
    date: Instant


class Loyalty(Response):
    """`pointsBalance` is what can be spent now; below zero if the source took more than there was."""

    enrolled: bool
    tier: TierName | None
    points_balance: int
    lifetime_points: int
    referral_code: str | None = absent_if_none()
    referral_count: int
    tier_progress: TierProgress
    expiring_points: ExpiringPoints
    recent_transactions: list[LoyaltyTransaction]
    updated_at: Instant | None
