"""A customer's loyalty: tier, points and what becomes of them."""

from datetime import datetime, timedelta

from customer360.instants import from_sortable, sortable
from customer360.loyalty import schemas
from customer360.loyalty.kept import read_ledger
from customer360.loyalty.lapses import as_transaction, lapses_after
from customer360.loyalty.membership import account_of, tier_in
from customer360.loyalty.record import PointsTransaction
from customer360.loyalty.tiers import TierName, progress
from customer360.storage.heads import some_heads
from customer360.storage.keys import LEDGER, LOYALTY, POINTS, partition
from customer360.storage.paging import By, Row, index_stream, page_of

SHOWN_TRANSACTIONS = 10
EXPIRES_SOON = timedelta(days=30)


def get(customer_id: str, now: datetime) -> schemas.Loyalty:
    """All of it as of `now`. Raises NotFound."""
    pk, heads = partition(customer_id), some_heads(customer_id, LOYALTY, POINTS, LEDGER)
    account, tier, item = account_of(heads), tier_in(heads), heads.items.get(LEDGER)
    lifetime_points = int(heads.totals(POINTS).get("earned", 0))
    ledger = read_ledger(pk, item, now)
    soon = ledger.lapsing(sortable(now), sortable(now + EXPIRES_SOON))
    transactions = [index_stream(pk, By.TIME, PointsTransaction.KIND), lapses_after(pk, item, now, as_transaction)]
    return schemas.Loyalty(
        enrolled=tier is not None,
        tier=tier,
        points_balance=ledger.balance(sortable(now)),
        lifetime_points=lifetime_points,
        referral_code=account.referral_code if account else None,
        referral_count=(account.referral_count if account else None) or 0,
        tier_progress=_progress(tier, lifetime_points),
        expiring_points=schemas.ExpiringPoints(
            amount=sum(soon.values()), next_expiry_date=from_sortable(min(soon)) if soon else None
        ),
        recent_transactions=[_transaction(row) for row in page_of(transactions, SHOWN_TRANSACTIONS, None).rows],
        updated_at=heads.updated_at("loyalty"),
    )


def _progress(tier: TierName | None, lifetime_points: int) -> schemas.TierProgress:
    if tier is None:
        return schemas.TierProgress(tier=None, next_tier=None, points_to_next=0, progress_percent=0)
    next_tier, points, percent = progress(tier, lifetime_points)
    return schemas.TierProgress(tier=tier, next_tier=next_tier, points_to_next=points, progress_percent=percent)


def _transaction(row: Row) -> schemas.LoyaltyTransaction:
    summary = row.summary
    return schemas.LoyaltyTransaction(
        id=summary["id"],
        type=summary["type"],
        points=summary["points"],
        description=summary["description"],
        date=from_sortable(summary["date"]),
    )
