"""What the loyalty account and its points transactions mean."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from customer360.instants import from_sortable, sortable
from customer360.loyalty.tiers import TierName
from customer360.sources.fields import Count, Identifier, Instant, Reference, SignedCount, Text
from customer360.sources.record import Listing, Record, Shop, Snapshot, Totals, difference, key
from customer360.storage.keys import LOYALTY, POINTS
from customer360.timeline.entries import Entry

PointsType = Literal["earned", "redeemed", "expired", "adjusted"]


def tier_changed(at: datetime, before: TierName | None, after: TierName | None) -> Entry:
    """What the timeline tells, whether the source names the tier or the points reach it."""
    text = f"Tier changed from {before or 'none'} to {after or 'none'}"
    return Entry("tier", "loyalty", "Tier changed", text, at, {"field": "tier", "before": before, "after": after})


class LoyaltyAccount(Record):
    """`loyalty.account.upserted`: one version of the customer's membership."""

    KIND: ClassVar[str] = "LOYALTY"
    SECTION: ClassVar[str] = "loyalty"
    FEEDS: ClassVar[frozenset[str]] = frozenset({"loyalty"})

    tier: TierName | None = None
    referral_code: Reference | None = None
    referral_count: Count | None = None
    updated_at: Instant

    @property
    def subject_id(self) -> str:
        return "account"

    @property
    def sort_key(self) -> str:
        return LOYALTY

    def changed_sections(self, before: Snapshot | None) -> set[str]:
        tier_changed = before is None or before.get("tier") != self.tier
        return {"loyalty", "profile"} if tier_changed else {"loyalty"}

    def snapshot(self) -> Snapshot:
        return {"updatedAt": sortable(self.updated_at), "tier": self.tier}

    @classmethod
    def entries(cls, before: Snapshot | None, after: Snapshot) -> list[Entry]:
        at = from_sortable(after["updatedAt"])
        if before is None:
            tier = {"tier": after["tier"]} if after["tier"] else {}
            return [Entry("enrolled", "loyalty", "Joined the loyalty programme", "", at, tier)]
        if difference(before, after, "tier"):
            return [tier_changed(at, before["tier"], after["tier"])]
        return []


class PointsTransaction(Record):
    """`loyalty.points.recorded`: points earned, redeemed, expired or adjusted; its version is when it occurred."""

    KIND: ClassVar[str] = "POINTS"
    SECTION: ClassVar[str] = "loyalty"
    FEEDS: ClassVar[frozenset[str]] = frozenset({"loyalty"})

    transaction_id: Identifier
    type: PointsType
    points: SignedCount
    description: Text
    at: Instant
    expires_at: Instant | None = None

    @property
    def subject_id(self) -> str:
        return self.transaction_id

    def version_at(self, occurred_at: datetime) -> datetime:
        return occurred_at

    def listing(self) -> Listing:
        return Listing(
            by_time=key(self.KIND, self.at, self.transaction_id),
            summary={
                "id": self.transaction_id,
                "type": self.type,
                "points": self.points,
                "description": self.description,
                "date": sortable(self.at),
                "expiresAt": sortable(self.expires_at) if self.expires_at else None,
            },
        )

    def changed_sections(self, before: Snapshot | None) -> set[str]:
        # Points that are earned, or are no longer, may move the tier, which the profile shows.
        types = {self.type, before["pointsType"] if before else self.type}
        return {"loyalty", "profile"} if "earned" in types else {"loyalty"}

    def totals(self, shop: Shop) -> Totals:
        points = Decimal(self.points)
        earned = points if self.type == "earned" else Decimal(0)
        return {POINTS: {"recorded": points, "earned": earned, "transactions": Decimal(1)}}

    def snapshot(self) -> Snapshot:
        return {
            "transactionId": self.transaction_id,
            "at": sortable(self.at),
            "pointsType": self.type,
            "points": self.points,
        }

    @classmethod
    def entries(cls, before: Snapshot | None, after: Snapshot) -> list[Entry]:
        metadata = {name: after[name] for name in ("transactionId", "pointsType", "points")}
        at = from_sortable(after["at"])
        title = f"Points {after['pointsType']}"
        if before is None:
            return [Entry("recorded", "loyalty", title, f"{after['points']:+d} points", at, metadata)]
        if change := difference(before, after, "points"):
            text = f"Corrected from {change['before']:+d} to {change['after']:+d} points"
            return [Entry("corrected", "loyalty", title, text, at, metadata | change)]
        return []
