"""The `jobs` table: work that goes on after its request was answered, and what came of it; all of it expires."""

from datetime import datetime, timedelta
from typing import Any, Self

from pynamodb.attributes import DiscriminatorAttribute, JSONAttribute, UnicodeAttribute
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import InstantAttribute, TableMeta, WholeNumberAttribute, unless_condition_fails

JOB = "JOB#"
SUMMARY = "JOB"
SHARD = "SHARD#"
KEPT = timedelta(days=30)


class JobItem(Model):
    """Anything of the `jobs` table; `expires_at` (epoch seconds) is its time to live."""

    class Meta(TableMeta):
        table_name = settings().jobs_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    type = DiscriminatorAttribute()
    expires_at = WholeNumberAttribute(null=True, attr_name="expiresAt")


class BackgroundJobItem(JobItem, discriminator="job"):
    """`pk = JOB#<id>`, `sk = JOB`: what is to be done, for whom. How far it has come stands in its shards.

    A removal names the `lists` of members it goes through; what applies or settles criteria, their `generation`.
    """

    kind = UnicodeAttribute()
    subject = UnicodeAttribute()
    subject_name = UnicodeAttribute(attr_name="subjectName")
    requested_by = UnicodeAttribute(attr_name="requestedBy")
    requested_by_name = UnicodeAttribute(attr_name="requestedByName")
    requested_at = InstantAttribute(attr_name="requestedAt")
    lists = JSONAttribute(default=list)
    generation = WholeNumberAttribute(null=True)
    finished_at = InstantAttribute(null=True, attr_name="finishedAt")

    @classmethod
    def asked(
        cls, job_id: str, kind: str, subject: str, subject_name: str, by: tuple[str, str], now: datetime, **more: Any
    ) -> Self:
        """A new job, not kept yet, for whoever asked for it (id, name)."""
        return cls(
            JOB + job_id,
            SUMMARY,
            kind=kind,
            subject=subject,
            subject_name=subject_name,
            requested_by=by[0],
            requested_by_name=by[1],
            requested_at=now,
            expires_at=int((now + KEPT).timestamp()),
            **more,
        )

    @property
    def id(self) -> str:
        return self.pk.removeprefix(JOB)

    def shards(self) -> "list[JobShardItem]":
        """As they are now."""
        return list(JobShardItem.query(self.pk, JobShardItem.sk.startswith(SHARD), consistent_read=True))

    def finish(self, now: datetime) -> bool:
        """Marks it as finished; False if it was already."""
        with unless_condition_fails() as outcome:
            self.update(
                actions=[BackgroundJobItem.finished_at.set(now)],
                condition=BackgroundJobItem.pk.exists() & BackgroundJobItem.finished_at.does_not_exist(),
            )
        return outcome.holds


class JobShardItem(JobItem, discriminator="job-shard"):
    """`sk = SHARD#<name>`: a part that one worker does at a time; `done` grows with each piece, exactly. `position` is
    the last piece done where they have an order; `changed` and `failed` say what came of them."""

    total = WholeNumberAttribute()
    done = WholeNumberAttribute()
    changed = WholeNumberAttribute(null=True)
    failed = WholeNumberAttribute(null=True)
    position = UnicodeAttribute(null=True)
    updated_at = InstantAttribute(null=True, attr_name="updatedAt")
    finished_at = InstantAttribute(null=True, attr_name="finishedAt")

    @property
    def name(self) -> str:
        return self.sk.removeprefix(SHARD)

    def advance(self, position: str, *, done: int, changed: int, failed: int, now: datetime) -> bool:
        """Goes on from the position that was read to another; False if another worker has done so."""
        there = JobShardItem.position == self.position if self.position else JobShardItem.position.does_not_exist()
        with unless_condition_fails() as outcome:
            self.update(
                actions=[
                    JobShardItem.position.set(position),
                    JobShardItem.done.add(done),
                    JobShardItem.changed.add(changed),
                    JobShardItem.failed.add(failed),
                    JobShardItem.updated_at.set(now),
                ],
                condition=there,
            )
        return outcome.holds


def put_unless_there(item: JobItem) -> None:
    """Keeps a new item; one that is there already stays as it is."""
    with unless_condition_fails():
        item.save(condition=JobItem.pk.does_not_exist())
