"""Bulk assignments stopped on their way, and taken back.

Guarantees: a job is undone by one job, which is made in the transaction that says so; it begins once nobody works on
the other any more. An undo runs to its end: it can be neither cancelled nor undone.
"""

import time
from datetime import UTC, datetime
from functools import partial

from customer360.access.caller import Caller
from customer360.bulk import queue
from customer360.bulk.parts import ADD, ENDED_AFTER, REMOVE, find, job_of, part_kept, part_of
from customer360.bulk.schemas import JobBegun
from customer360.bulk.target import target_of
from customer360.catalog import store
from customer360.errors import Conflict, NotFound
from customer360.jobs.table import BulkJobItem, JobItem
from customer360.storage.base import Turn, until_won
from customer360.storage.transactions import all_or_nothing

UNDO = "bulk-undo"
WAITING_SECONDS = 8


def cancel(job_id: str) -> None:
    """Whoever has been changed stays so. Raises NotFound, and Conflict if there is nothing to cancel any more."""
    job = _assignment(job_id)
    # A worker ends it, also if the message of the one before has failed for good; not while that one is at it still.
    queue.announce(job_id, int(ENDED_AFTER.total_seconds()))
    if not job.cancel(datetime.now(UTC)):
        raise Conflict("the job is finished, or cancelled already")


def undo(job_id: str, by: Caller, action_id: str) -> JobBegun:
    """Raises NotFound, NotAllowed for who may not assign what the job did, and Conflict if it is going on still, was
    undone already, or if what it assigned has been deleted."""
    until_won(partial(_undo, job_id, by, action_id), deadline=time.monotonic() + WAITING_SECONDS)
    return JobBegun(job_id=action_id)


def _undo(job_id: str, by: Caller, action_id: str, _: Turn) -> None:
    job = _assignment(job_id)
    if job.undone_by == action_id:
        return  # the same request again
    _require_undoable(job, by)
    undoing = job_of(
        action_id,
        UNDO,
        ADD if job.action == REMOVE else REMOVE,
        (job.subject, job.subject_name),
        by,
        datetime.now(UTC),
        undoes=job_id,
    )
    queue.announce(action_id)
    is_over = BulkJobItem.finished_at.exists() | BulkJobItem.cancelled_at.exists()
    with all_or_nothing() as transaction:
        transaction.update(
            job,
            actions=[BulkJobItem.undone_by.set(action_id)],
            condition=is_over & BulkJobItem.undone_by.does_not_exist(),
        )
        transaction.save(undoing, condition=JobItem.pk.does_not_exist())
        transaction.save(part_of(undoing, part_kept(job.pk).changed or 0))


def _require_undoable(job: BulkJobItem, by: Caller) -> None:
    kind, identifier = target_of(job)
    by.require(f"{kind.section}:assign")
    if job.undone_by:
        raise Conflict("the job was undone already")
    if not (job.finished_at or job.cancelled_at):
        raise Conflict("the job is going on still; cancel it first")
    try:
        store.find(kind, identifier)
    except NotFound:
        raise Conflict(f"the {kind.noun} was deleted, and with it what the job did") from None


def _assignment(job_id: str) -> BulkJobItem:
    job = find(job_id)
    if job.undoes:
        raise Conflict("an undo can be neither cancelled nor undone")
    return job
