"""Background jobs: what is to be done, and how far it has come."""

from typing import cast

from customer360.errors import NotFound
from customer360.jobs.schemas import Job
from customer360.jobs.table import JOB, SUMMARY, BackgroundJobItem, JobItem, JobShardItem


def find(job_id: str) -> BackgroundJobItem:
    """Raises NotFound."""
    try:
        return BackgroundJobItem.get(JOB + job_id, SUMMARY, consistent_read=True)
    except BackgroundJobItem.DoesNotExist:
        raise NotFound("job") from None


def get(job_id: str) -> Job:
    """A job with the progress of all its parts. Raises NotFound."""
    items = {item.sk: item for item in JobItem.query(JOB + job_id, consistent_read=True)}
    if SUMMARY not in items:
        raise NotFound("job")
    job = cast("BackgroundJobItem", items[SUMMARY])
    shards = [item for item in items.values() if isinstance(item, JobShardItem)]
    finished = [shard.finished_at for shard in shards if shard.finished_at]
    updated = [shard.updated_at for shard in shards if shard.updated_at]
    is_completed = bool(shards) and len(finished) == len(shards)  # without any, it is still to be planned
    # Who was added while the job was made is not in the total that was read, but is done all the same.
    totals = [shard.done if shard.finished_at else max(shard.total, shard.done) for shard in shards]
    return Job(
        id=job_id,
        kind=job.kind,
        status="completed" if is_completed else "running" if updated or finished else "queued",
        subject_name=job.subject_name,
        total=sum(totals),
        done=sum(shard.done for shard in shards),
        requested_at=job.requested_at,
        updated_at=max([*updated, *finished], default=None),
        finished_at=max(finished) if is_completed else None,
    )
