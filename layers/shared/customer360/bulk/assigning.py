"""One customer of a bulk job, in one transaction.

Guarantees: the job changes each customer at most once, however often it comes to them, because its entry in their
timeline is written with the change and looked for before; what it changed is on its own list, for it to be undone. Each
change names the page it was made on, and is told again on that page only: a page that is gone through again counts it,
a later page on which the customer is met again does not.
"""

import time
from datetime import UTC, datetime
from functools import partial

from customer360.bulk.parts import ADD, REMOVE, caller_of
from customer360.bulk.target import target_of
from customer360.catalog import store
from customer360.catalog.assignments import put_in, read, take_out
from customer360.catalog.entries import given_entry, taken_entry
from customer360.jobs.table import CHANGED, JOB, BulkJobItem, JobChangeItem
from customer360.storage.base import Turn, until_won
from customer360.storage.commit import Commit
from customer360.storage.items import AssignmentItem, CustomerItem
from customer360.timeline.actions import action_key

WAITING_SECONDS = 5


def assign(job: BulkJobItem, name: str, page: int, customer_id: str) -> bool:
    """Gives or takes what the job says, by its name of now; whether the job changed the customer on this page, now or
    before.

    Raises Contended, and NotFound if the tag or segment has been deleted meanwhile.
    """
    return until_won(partial(_assign, job, name, page, customer_id), deadline=time.monotonic() + WAITING_SECONDS)


def _assign(job: BulkJobItem, name: str, page: int, customer_id: str, turn: Turn) -> bool:
    kind, identifier = target_of(job)
    commit = Commit.of(customer_id, turn)
    if commit.previous is None:
        return False  # erased meanwhile
    if turn.lost:
        store.find(kind, identifier)  # the race may have been lost to its deletion
    key, now = kind.head + identifier, datetime.now(UTC)
    found = read(commit.pk, key, action_key(job.id))
    is_done = action_key(job.id) in found
    item = None if is_done else _to_change(job, customer_id, found.get(key), AssignmentItem(commit.pk, key), now)
    if item is None:
        commit.abandon()
        return is_done and _change(job.id, customer_id).page == page
    if job.action == ADD:
        entry = given_entry(kind, identifier, name, caller_of(job), now, _why(job))
        put_in(commit, kind, customer_id, item, job.id, entry)
    else:
        entry = taken_entry(kind, identifier, name, caller_of(job), now, _why(job))
        take_out(commit, kind, customer_id, item, job.id, entry)
    change = JobChangeItem(job.pk, CHANGED + customer_id, customer_id=customer_id, expires_at=job.expires_at)
    change.page = page
    change.assigned_at, change.assigned_by = item.assigned_at, item.assigned_by
    commit.beside(lambda transaction: transaction.save(change))
    commit.write()
    return True


def _to_change(
    job: BulkJobItem, customer_id: str, assigned: CustomerItem | None, new: AssignmentItem, now: datetime
) -> AssignmentItem | None:
    """The assignment to give or take; None if that has been done by others, or is not to be done any more.

    What is undone comes back as it was, and only what is still as the job left it: a tag that somebody has taken away
    and given again by hand stays.
    """
    if job.action == ADD and assigned is None:
        new.assigned_at, new.assigned_by = now, job.requested_by_name
    elif job.action == REMOVE and isinstance(assigned, AssignmentItem):
        new = assigned
    else:
        return None
    if job.undoes:
        change = _change(job.undoes, customer_id)
        if job.action == REMOVE and new.assigned_at != change.assigned_at:
            return None
        new.assigned_at, new.assigned_by = change.assigned_at, change.assigned_by
    return new


def _change(job_id: str, customer_id: str) -> JobChangeItem:
    return JobChangeItem.get(JOB + job_id, CHANGED + customer_id, consistent_read=True)


def _why(job: BulkJobItem) -> str:
    return "A bulk assignment was undone" if job.undoes else "With everybody whom a search found"
