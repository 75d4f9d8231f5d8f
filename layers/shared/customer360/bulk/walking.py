"""The worker of bulk jobs: goes through the customers of one, and keeps its place.

A page of customers is kept in the job's part before any of them is worked on, and the part moves on, with what came of
them, by one write on the condition that nobody else has moved it. Guarantees: a crash in any place, a message that
comes twice or two workers at once skip nobody and count nobody twice (`bulk.assigning` changes nobody twice). A
customer for whom it fails three times is counted as failed, and holds up nobody. Whom a search finds on two pages,
because a source corrected their date of registration meanwhile, counts once in `changed`, and twice in `done`.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from customer360.bulk.assigning import assign
from customer360.bulk.page import PAUSES, Page
from customer360.bulk.parts import ENDED_AFTER, find, part_kept
from customer360.bulk.reading import missing_from, next_page
from customer360.bulk.target import target_of
from customer360.catalog import store
from customer360.catalog.kinds import SHARDS, shard_of
from customer360.errors import NotFound
from customer360.jobs.table import JOB, BulkJobItem, JobShardItem
from customer360.logs import logger

# So many customers are worked on before the place is kept, and before it is asked whether to go on.
AT_ONCE = 100
# Until the worker of a job that was just cancelled has noticed.
NOTICED_SECONDS = 5


class Tried(NamedTuple):
    """A customer, and whether the job changed them; None if it failed."""

    customer_id: str
    changed: bool | None


def work_on(job: BulkJobItem, has_time: Callable[[], bool]) -> int | None:
    """Goes through the job as far as there is time. Gives the seconds after which it is to be gone on with; None if
    there is nothing left to do, or another worker is at it."""
    part = part_kept(job.pk)
    with ThreadPoolExecutor(SHARDS, thread_name_prefix="assigning") as pool:
        while not part.finished_at:
            if not has_time():
                return 0
            page = Page.from_json(part.page)
            job.refresh(consistent_read=True)
            name = _name_of(job)
            if name is None or job.cancelled_at:
                _finish(job, part)
            elif page.customers:
                if not _work_through(job, name, part, page, pool):
                    return None
            elif page.failed:
                return PAUSES[page.attempt + 1] if _move(part, page.again()) else None
            elif page.is_last:
                _finish(job, part)
            elif job.undoes and not _has_ended(job.undoes):
                return NOTICED_SECONDS
            elif not _read_on(job, part, page):
                return None
    return None


def _has_ended(job_id: str) -> bool:
    """Whether nobody works on a job that is over any more. Where its worker does not come again to say so, because its
    message failed for good, this says it."""
    part = part_kept(JOB + job_id)
    if not part.finished_at:
        job = find(job_id)
        if datetime.now(UTC) - (job.cancelled_at or job.finished_at) < ENDED_AFTER:
            return False
        _finish(job, part)
    return True


def _name_of(job: BulkJobItem) -> str | None:
    """What is given or taken, by its name of now. None, and the job cancelled, if it has been deleted."""
    kind, identifier = target_of(job)
    try:
        return store.find(kind, identifier).name
    except NotFound:
        job.cancel(datetime.now(UTC), f"The {kind.noun} was deleted")
        return None


def _read_on(job: BulkJobItem, part: JobShardItem, page: Page) -> bool:
    """Keeps the page after this one; False if another worker was quicker to. The job is cancelled instead if a tag or
    segment of its search has been deleted: whom it found cannot be told any more, and nobody would pass for the end."""
    following = page.followed_by(next_page(job, page.cursor))
    gone = missing_from(job)
    if gone is None:
        return _move(part, following)
    job.cancel(datetime.now(UTC), f"There is no such {gone.noun} as the search names, or not any more")
    _finish(job, part)
    return True


def _work_through(job: BulkJobItem, name: str, part: JobShardItem, page: Page, pool: ThreadPoolExecutor) -> bool:
    """Works on the first customers of the page; False if another worker was quicker to."""
    first = page.customers[:AT_ONCE]
    tried = list(chain.from_iterable(pool.map(partial(_try_all, job, name, page.number), _side_by_side(first))))
    failed = [one.customer_id for one in tried if one.changed is None]
    left = page.without(first, failed)
    coming_again = len(left.failed) - len(page.failed)
    return _move(
        part,
        left,
        done=len(first) - coming_again,
        changed=sum(one.changed is True for one in tried),
        failed=len(failed) - coming_again,
    )


def _side_by_side(customers: Sequence[str]) -> list[list[str]]:
    """By the shard of the counts they are in: two transactions at once on one count would be in each other's way."""
    groups: defaultdict[int, list[str]] = defaultdict(list)
    for customer_id in customers:
        groups[shard_of(customer_id)].append(customer_id)
    return list(groups.values())


def _try_all(job: BulkJobItem, name: str, page: int, customers: list[str]) -> list[Tried]:
    return [Tried(customer_id, _try(job, name, page, customer_id)) for customer_id in customers]


def _try(job: BulkJobItem, name: str, page: int, customer_id: str) -> bool | None:
    try:
        return assign(job, name, page, customer_id)
    except Exception:
        # Whatever it is, it is one customer's: the others go on, and this one comes again.
        logger.exception("bulk assignment failed")
        return None


def _move(part: JobShardItem, page: Page, **counts: Any) -> bool:
    """Keeps what lies before the worker; False if another worker has moved on."""
    counted = {"done": 0, "changed": 0, "failed": 0, **counts}
    position = str(int(part.position or 0) + 1)
    return part.advance(position, page=page.to_json(), now=datetime.now(UTC), **counted)


def _finish(job: BulkJobItem, part: JobShardItem) -> None:
    now = datetime.now(UTC)
    if not job.cancelled_at:
        job.finish(now)
    part.finish(now)
    logger.info(
        "bulk job over",
        extra={"job": job.id, "done": part.done, "changed": part.changed, "failed": part.failed},
    )
