"""Background jobs: what is to be done, and how far it has come."""

from collections.abc import Iterable

from customer360.errors import NotFound
from customer360.jobs.schemas import Job
from customer360.jobs.table import JOB, SUMMARY, BackgroundJobItem, BulkJobItem


def find(job_id: str) -> BackgroundJobItem:
    """Raises NotFound."""
    try:
        return BackgroundJobItem.get(JOB + job_id, SUMMARY, consistent_read=True)
    except BackgroundJobItem.DoesNotExist:
        raise NotFound("job") from None


def get(job_id: str) -> Job:
    """A job with the progress of all its parts. Raises NotFound."""
    job = find(job_id)
    shards = job.shards()
    finished = [shard.finished_at for shard in shards if shard.finished_at]
    updated = [shard.updated_at for shard in shards if shard.updated_at]
    is_completed = bool(shards) and len(finished) == len(shards)  # without any, it is still to be planned
    # Who was added while the job was made is not in the total that was read, but is done all the same.
    totals = [
        shard.done if shard.finished_at and not job.cancelled_at else max(shard.total, shard.done) for shard in shards
    ]
    begun = "completed" if is_completed else "running" if updated or finished else "queued"
    return Job(
        id=job_id,
        kind=job.kind,
        status="cancelled" if job.cancelled_at else begun,
        reason=job.reason,
        subject_name=job.subject_name,
        total=sum(totals),
        done=sum(shard.done for shard in shards),
        changed=_sum(shard.changed for shard in shards),
        failed=_sum(shard.failed for shard in shards),
        requested_at=job.requested_at,
        updated_at=max([*updated, *finished], default=None),
        finished_at=max(finished) if is_completed else None,
        undone_by=job.undone_by if isinstance(job, BulkJobItem) else None,
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    """None where nothing has been counted."""
    counted = [count for count in counts if count is not None]
    return sum(counted) if counted else None
