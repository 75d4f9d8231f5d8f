"""The customer's membership of the loyalty programme, from their head items."""

from customer360.loyalty.record import LoyaltyAccount
from customer360.loyalty.tiers import TierName, tier_of
from customer360.storage.heads import Heads
from customer360.storage.keys import LOYALTY, POINTS


def account_of(heads: Heads) -> LoyaltyAccount | None:
    stored = heads.record(LOYALTY)
    return LoyaltyAccount.from_stored(stored) if stored else None


def tier_in(heads: Heads) -> TierName | None:
    """The tier the source names, else the one the lifetime points reach; None for a customer not enrolled."""
    account, points = account_of(heads), heads.totals(POINTS)
    if account is None and not points.get("transactions"):
        return None
    return account.tier if account and account.tier else tier_of(int(points.get("earned", 0)))
