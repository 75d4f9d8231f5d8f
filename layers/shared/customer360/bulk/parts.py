"""The items of a bulk job: the job itself, and the one part by which its progress is kept."""

from datetime import datetime, timedelta
from typing import Any

from customer360.access.caller import Caller
from customer360.bulk.page import FIRST
from customer360.errors import Conflict
from customer360.jobs import service as jobs
from customer360.jobs.table import SHARD, BulkJobItem, JobShardItem

ADD = "add"
REMOVE = "remove"
PART = f"{SHARD}all"
# Whoever worked on a job when it was cancelled has ended by then: no run of the worker takes longer.
ENDED_AFTER = timedelta(minutes=3)


def job_of(
    job_id: str, kind: str, action: str, subject: tuple[str, str], by: Caller, now: datetime, **source: Any
) -> BulkJobItem:
    """A new job, not kept yet. `subject` is its id and name, `source` the search or what it undoes."""
    return BulkJobItem.asked(
        job_id, kind, *subject, (by.id, by.name), now, action=action, email=by.email, role=by.role, **source
    )


def find(job_id: str) -> BulkJobItem:
    """Raises NotFound, and Conflict for a job of another kind."""
    job = jobs.find(job_id)
    if not isinstance(job, BulkJobItem):
        raise Conflict("only a bulk assignment can be cancelled or undone")
    return job


def part_of(job: BulkJobItem, total: int) -> JobShardItem:
    """A new one, not kept yet."""
    counts: dict[str, Any] = {"total": total, "done": 0, "changed": 0, "failed": 0}
    return JobShardItem(job.pk, PART, page=FIRST.to_json(), expires_at=job.expires_at, **counts)


def part_kept(job_pk: str) -> JobShardItem:
    """As it is now."""
    return JobShardItem.get(job_pk, PART, consistent_read=True)


def caller_of(job: BulkJobItem) -> Caller:
    """Who asked for it, with the role they had then."""
    return Caller(job.requested_by, job.requested_by_name, job.email, job.role)
