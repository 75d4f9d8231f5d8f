"""What actions keep outside of a customer's collection: how often an admin took them, and where no e-mail is sent."""

from datetime import datetime, timedelta
from typing import Self

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from customer360.catalog.table import CatalogItem
from customer360.settings import settings
from customer360.storage.base import InstantAttribute, TableMeta, WholeNumberAttribute, unless_condition_fails

SUPPRESSED = "SUPPRESSED"
KEPT = timedelta(days=1)


class BucketItem(Model):
    """`RATE#<admin>`, `<action>`: a bucket of tokens. `full_at` is when it will be full again, in microseconds since
    1970; no item, or an earlier instant: it is full."""

    class Meta(TableMeta):
        table_name = settings().jobs_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    full_at = WholeNumberAttribute(attr_name="fullAt")
    expires_at = WholeNumberAttribute(attr_name="expiresAt")

    @classmethod
    def of(cls, admin_id: str, action: str) -> Self:
        return cls(f"RATE#{admin_id}", action)

    def take(self, now: int, each: int, most: int) -> int:
        """Takes a token of a bucket that holds `most` and gets one back after `each` microseconds.

        Gives how long to wait for one, in microseconds; 0 if it was taken. Exact however many take at once: a token is
        taken by one write, on the condition that there is one.
        """
        latest = now + (most - 1) * each
        kept = BucketItem.expires_at.set(now // 1_000_000 + int(KEPT.total_seconds()))
        while True:
            with unless_condition_fails() as used:
                has_token = (BucketItem.full_at >= now) & (BucketItem.full_at <= latest)
                self.update(actions=[BucketItem.full_at.add(each), kept], condition=has_token)
            if used.holds:
                return 0
            with unless_condition_fails() as full:
                is_full = BucketItem.full_at.does_not_exist() | (BucketItem.full_at < now)
                self.update(actions=[BucketItem.full_at.set(now + each), kept], condition=is_full)
            if full.holds:
                return 0
            self.refresh(consistent_read=True)
            if self.full_at > latest:
                return self.full_at - latest


class SuppressedItem(CatalogItem, discriminator="suppressed"):
    """`SUPPRESSED`, a keyed hash of an e-mail address: none is sent there any more, and why."""

    reason = UnicodeAttribute()
    since = InstantAttribute()

    @classmethod
    def find(cls, address_hash: str) -> "SuppressedItem | None":
        try:
            return cls.get(SUPPRESSED, address_hash, consistent_read=True)
        except cls.DoesNotExist:
            return None

    @classmethod
    def keep(cls, address_hash: str, reason: str, since: datetime) -> None:
        """The first reason stays."""
        with unless_condition_fails():
            cls(SUPPRESSED, address_hash, reason=reason, since=since).save(condition=cls.pk.does_not_exist())
