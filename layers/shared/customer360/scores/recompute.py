"""Goes through every customer and brings scores and segments up to date: each night, because time passes, and after
the criteria of a segment changed.

A job is planned into shards; a worker goes through one shard in order of the ids and keeps its place after every page.
Guarantees: a crash in any place, a message that comes twice or a plan made twice lose nobody and change nothing twice,
because rescoring is idempotent (`scores.rescoring`) and a page counts only for the worker whose place it was. A
customer for whom it fails is counted, tried again through the queue, and holds up nobody.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from customer360.jobs import work
from customer360.jobs.table import SHARD, BackgroundJobItem, JobShardItem, put_unless_there
from customer360.logs import logger
from customer360.scores.rescoring import Rescored, rescore
from customer360.segments import convergence
from customer360.segments.automatic import automatic_segments
from customer360.storage.everyone import count_of_shard, customers_of_shard, shard_key, shard_numbers

RECOMPUTE = "recompute-scores"
PAGE = 100
# Rescoring is mostly waiting for the table; with more threads a Lambda of one virtual CPU gains little.
THREADS = 8


class _Counts(NamedTuple):
    customers: int
    changed: int
    failed: int

    @classmethod
    def of(cls, shard: JobShardItem) -> "_Counts":
        return cls(shard.done, shard.changed or 0, shard.failed or 0)


class Worked(NamedTuple):
    """Whether the shard is to be gone on with, and how many customers were rescored, changed, and failed for."""

    has_more: bool
    customers: int
    changed: int
    failed: int


def begin(job_id: str, now: datetime) -> None:
    """Makes the nightly job, unless it is there, and asks for its plan: also again, should that have been lost."""
    job = BackgroundJobItem.asked(job_id, RECOMPUTE, "CUSTOMERS", "All customers", ("schedule", "Schedule"), now)
    put_unless_there(job)
    work.announce(job_id)


def plan(job: BackgroundJobItem) -> None:
    """Makes what shards there are not yet, and hands out those that are not finished."""
    for name, total in _shards_of(job):
        put_unless_there(JobShardItem(job.pk, SHARD + name, total=total, done=0, expires_at=job.expires_at))
    for shard in job.shards():
        if not shard.finished_at:
            work.hand_out(job.id, shard.name)


def work_on(job: BackgroundJobItem, name: str, has_time: Callable[[], bool]) -> Worked:
    """Goes through one shard, as far as there is time."""
    shard = JobShardItem.get(job.pk, SHARD + name, consistent_read=True)
    before = _Counts.of(shard)
    has_more = _go_through(job, shard, has_time)
    if shard.finished_at and all(other.finished_at for other in job.shards()):
        _finish(job)
    return Worked(has_more, *(now - then for now, then in zip(_Counts.of(shard), before, strict=True)))


def _go_through(job: BackgroundJobItem, shard: JobShardItem, has_time: Callable[[], bool]) -> bool:
    """Whether the shard is to be gone on with. It is not if another delivery of the same message is at it."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="rescoring") as pool:
        while not shard.finished_at:
            if not has_time():
                return True
            customers = [] if convergence.is_overtaken(job) else _customers_of(job, shard)
            if not customers:
                shard.finish(datetime.now(UTC))
            elif not _rescore_page(shard, customers, pool):
                return False
    return False


def _shards_of(job: BackgroundJobItem) -> Iterable[tuple[str, int]]:
    """The shards of a job by name, and about how many customers are in each."""
    if job.kind == convergence.SETTLING:
        return convergence.member_shards(job)
    with ThreadPoolExecutor(THREADS) as pool:
        return zip(map(shard_key, shard_numbers()), pool.map(count_of_shard, shard_numbers()), strict=True)


def _customers_of(job: BackgroundJobItem, shard: JobShardItem) -> list[str]:
    """The next page of the shard."""
    if job.kind == convergence.SETTLING:
        return convergence.members_of(shard.name, after=shard.position, limit=PAGE)
    return customers_of_shard(int(shard.name), after=shard.position, limit=PAGE)


def _rescore_page(shard: JobShardItem, customers: list[str], pool: ThreadPoolExecutor) -> bool:
    """Rescores them, several at once, and keeps the place; False if another worker was quicker to."""
    now = datetime.now(UTC)
    outcomes = list(pool.map(partial(_rescore_one, automatic_segments(), now), customers))
    failed = [customer for customer, outcome in zip(customers, outcomes, strict=True) if outcome is None]
    for customer_id in failed:
        work.try_again(customer_id)
    changed = sum(outcome is not None and outcome.changed for outcome in outcomes)
    return shard.advance(customers[-1], done=len(customers), changed=changed, failed=len(failed), now=datetime.now(UTC))


def _rescore_one(segments: Any, now: datetime, customer_id: str) -> Rescored | None:
    try:
        return rescore(customer_id, now, segments)
    except Exception:
        # Whatever it is, it is one customer's: the others go on, and this one comes again through the queue.
        logger.exception("rescoring failed")
        return None


def _finish(job: BackgroundJobItem) -> None:
    """What follows once every shard is finished; harmless if done again."""
    convergence.go_on_after(job)
    if not job.finish(datetime.now(UTC)):
        return
    shards = job.shards()
    seconds = (datetime.now(UTC) - job.requested_at).total_seconds()
    logger.info(
        "all customers done",
        extra={
            "job": job.id,
            "kind": job.kind,
            "customers": sum(shard.done for shard in shards),
            "changed": sum(shard.changed or 0 for shard in shards),
            "failed": sum(shard.failed or 0 for shard in shards),
            "seconds": round(seconds, 1),
        },
    )
