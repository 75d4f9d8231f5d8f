"""The `audit` table: append-only. No function's role may delete a line, and only that of `erase_from_stores` may change
one: the ids of an erased customer and their records become keyed hashes."""

from datetime import date

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import TableMeta, WholeNumberAttribute


class BySubject(GlobalSecondaryIndex["AuditItem"]):
    """What was done to one customer, by time."""

    class Meta:
        index_name = "by-subject"
        projection = AllProjection()

    subject = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class ByActor(GlobalSecondaryIndex["AuditItem"]):
    """What one admin did, by time."""

    class Meta:
        index_name = "by-actor"
        projection = AllProjection()

    actor = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class AuditItem(Model):
    """One thing an admin saw or did: `pk = DAY#<date>`, `sk = <instant>#<request id>`, of a request about several
    customers `…#<n>` for the second of them and on."""

    class Meta(TableMeta):
        table_name = settings().audit_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    actor = UnicodeAttribute()
    actor_name = UnicodeAttribute(attr_name="actorName")
    role = UnicodeAttribute(null=True)
    action = UnicodeAttribute()
    outcome = UnicodeAttribute()
    subject = UnicodeAttribute(null=True)
    target = UnicodeAttribute(null=True)
    expires_at = WholeNumberAttribute(attr_name="expiresAt")

    subject_index = BySubject()
    actor_index = ByActor()


def day_of(day: date) -> str:
    """The partition of a day (UTC)."""
    return f"DAY#{day:%Y-%m-%d}"
