"""The `jobs` table: work that goes on after its request was answered, and what came of it; all of it expires."""

from datetime import datetime, timedelta
from typing import Any, Self

from pynamodb.attributes import DiscriminatorAttribute, JSONAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import (
    InstantAttribute,
    TableMeta,
    WholeNumberAttribute,
    unless_condition_fails,
    was_sent_twice,
)

JOB = "JOB#"
SUMMARY = "JOB"
SHARD = "SHARD#"
CHANGED = "CHANGED#"
KEPT = timedelta(days=30)


class ByCustomer(GlobalSecondaryIndex[Any]):
    """What is about one customer, so that it can be erased with them; eventually consistent."""

    class Meta:
        index_name = "by-customer"
        projection = KeysOnlyProjection()

    customer_id = UnicodeAttribute(hash_key=True, attr_name="customerId")
    pk = UnicodeAttribute(range_key=True)


class JobItem(Model):
    """Anything of the `jobs` table; `expires_at` (epoch seconds) is its time to live. Whatever is about a customer says
    so in `customer_id`."""

    class Meta(TableMeta):
        table_name = settings().jobs_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    type = DiscriminatorAttribute()
    expires_at = WholeNumberAttribute(null=True, attr_name="expiresAt")
    customer_id = UnicodeAttribute(null=True, attr_name="customerId")

    customer_index = ByCustomer()


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
    cancelled_at = InstantAttribute(null=True, attr_name="cancelledAt")
    reason = UnicodeAttribute(null=True)

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


class BulkJobItem(BackgroundJobItem, discriminator="bulk-job"):
    """Gives a tag or segment to many customers, or takes it from them, as the caller who asked would.

    Whom: those that `search` finds (`SearchQuery.parameters`, as JSON), or those whom the job that it `undoes` changed.
    """

    action = UnicodeAttribute()
    email = UnicodeAttribute()
    role = UnicodeAttribute()
    search = UnicodeAttribute(null=True)
    undoes = UnicodeAttribute(null=True)
    undone_by = UnicodeAttribute(null=True, attr_name="undoneBy")

    def cancel(self, now: datetime, reason: str | None = None) -> bool:
        """Marks it as not to be gone on with; False if it is finished or cancelled already."""
        told = [BulkJobItem.reason.set(reason)] if reason else []
        is_open = BulkJobItem.finished_at.does_not_exist() & BulkJobItem.cancelled_at.does_not_exist()
        with unless_condition_fails() as outcome:
            self.update(actions=[BulkJobItem.cancelled_at.set(now), *told], condition=BulkJobItem.pk.exists() & is_open)
        return outcome.holds or was_sent_twice(self, lambda: self.cancelled_at == now)


class JobChangeItem(JobItem, discriminator="job-change"):
    """`sk = CHANGED#<customer id>`: somebody the job changed, the number of its page they were on, and the assignment
    that it gave or took."""

    page = WholeNumberAttribute()
    assigned_at = InstantAttribute(attr_name="assignedAt")
    assigned_by = UnicodeAttribute(null=True, attr_name="assignedBy")


class JobShardItem(JobItem, discriminator="job-shard"):
    """`sk = SHARD#<name>`: a part that one worker does at a time; `done` grows with each piece, exactly. `position` is
    the last piece done where they have an order; `changed` and `failed` say what came of them. `page` is what lies
    before the worker, where that cannot be worked out again."""

    total = WholeNumberAttribute()
    done = WholeNumberAttribute()
    changed = WholeNumberAttribute(null=True)
    failed = WholeNumberAttribute(null=True)
    position = UnicodeAttribute(null=True)
    page = JSONAttribute(null=True)
    updated_at = InstantAttribute(null=True, attr_name="updatedAt")
    finished_at = InstantAttribute(null=True, attr_name="finishedAt")

    @property
    def name(self) -> str:
        return self.sk.removeprefix(SHARD)

    def finish(self, now: datetime) -> None:
        """Marks it as done, and forgets which customers it came to; nobody advances it any more."""
        forgotten = (JobShardItem.position, JobShardItem.page)
        self.update(actions=[JobShardItem.finished_at.set(now), *(each.remove() for each in forgotten)])

    def advance(self, position: str, *, done: int, changed: int, failed: int, now: datetime, page: Any = None) -> bool:
        """Goes on from the position that was read to another; False if another worker has done so, or if it is
        finished: no page comes back after the end."""
        there = JobShardItem.position == self.position if self.position else JobShardItem.position.does_not_exist()
        is_open = JobShardItem.finished_at.does_not_exist()
        with unless_condition_fails() as outcome:
            self.update(
                actions=[
                    JobShardItem.position.set(position),
                    JobShardItem.done.add(done),
                    JobShardItem.changed.add(changed),
                    JobShardItem.failed.add(failed),
                    JobShardItem.updated_at.set(now),
                    *([JobShardItem.page.set(page)] if page is not None else []),
                ],
                condition=there & is_open,
            )
        return outcome.holds or was_sent_twice(self, lambda: (self.position, self.updated_at) == (position, now))


def put_unless_there(item: JobItem) -> None:
    """Keeps a new item; one that is there already stays as it is."""
    with unless_condition_fails():
        item.save(condition=JobItem.pk.does_not_exist())
