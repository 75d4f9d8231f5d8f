"""The `jobs` table: work that goes on after its request was answered, and what came of it; all of it expires."""

from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import InstantAttribute, TableMeta, WholeNumberAttribute

JOB = "JOB#"
SUMMARY = "JOB"
SHARD = "SHARD#"


class JobItem(Model):
    """Anything of the `jobs` table; `expires_at` (epoch seconds) is its time to live."""

    class Meta(TableMeta):
        table_name = settings().jobs_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    type = DiscriminatorAttribute()
    expires_at = WholeNumberAttribute(null=True, attr_name="expiresAt")


class BackgroundJobItem(JobItem, discriminator="job"):
    """`pk = JOB#<id>`, `sk = JOB`: what is to be done, for whom. How far it has come stands in its shards."""

    kind = UnicodeAttribute()
    subject = UnicodeAttribute()
    subject_name = UnicodeAttribute(attr_name="subjectName")
    requested_by = UnicodeAttribute(attr_name="requestedBy")
    requested_by_name = UnicodeAttribute(attr_name="requestedByName")
    requested_at = InstantAttribute(attr_name="requestedAt")


class JobShardItem(JobItem, discriminator="job-shard"):
    """`sk = SHARD#<number>`: a part that one worker does at a time; `done` grows with each piece, exactly."""

    total = WholeNumberAttribute()
    done = WholeNumberAttribute()
    updated_at = InstantAttribute(null=True, attr_name="updatedAt")
    finished_at = InstantAttribute(null=True, attr_name="finishedAt")
