"""The job after a tag or segment was deleted: it is taken from every customer who had it.

The definition is gone already, so no answer shows it any more; this tidies up. Resumable anywhere: who is left to do
is who is still a member, and a customer's item, membership and the job's progress move in one transaction.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice

from customer360.access.caller import Caller
from customer360.catalog.entries import taken_entry
from customer360.catalog.kinds import KINDS, Kind, shard_of
from customer360.catalog.table import MemberItem
from customer360.errors import Contended
from customer360.jobs.table import SHARD, BackgroundJobItem, JobShardItem
from customer360.storage.base import Turn, until_won
from customer360.storage.commit import Commit
from customer360.storage.items import AssignmentItem
from customer360.timeline.actions import action_item

PAGE = 100
WAITING_SECONDS = 5


def remove_from_customers(job: BackgroundJobItem, shard: int, has_time: Callable[[], bool]) -> bool:
    """Takes it from the customers of one shard. Gives False if some are left, for want of time or because they were
    too busy; then it is to be called again."""
    progress = JobShardItem.get(job.pk, f"{SHARD}{shard}", consistent_read=True)
    if progress.finished_at:
        return True
    kind = KINDS[job.subject.partition("#")[0]]
    busy = False
    for key, member in _members(kind, job.lists, shard):
        if not has_time():
            return False
        try:
            deadline = time.monotonic() + WAITING_SECONDS
            until_won(partial(_remove, job, kind, key, member), deadline=deadline)
        except Contended:
            busy = True
    if not busy:
        progress.finish(datetime.now(UTC))
    return not busy


def _members(kind: Kind, lists: Iterable[str], shard: int) -> Iterator[tuple[str, MemberItem]]:
    """Who is in each of the lists of one shard: more than one of an automatic segment whose criteria changed."""
    for key in lists:
        for member in MemberItem.query(kind.members(key, shard), consistent_read=True, page_size=PAGE):
            yield key, member


def _is_still_there(member: MemberItem) -> bool:
    found = MemberItem.query(member.pk, MemberItem.sk == member.sk, consistent_read=True)
    return bool(list(islice(found, 1)))


def _remove(job: BackgroundJobItem, kind: Kind, key: str, member: MemberItem, turn: Turn) -> None:
    customer_id = member.sk
    if turn.lost and not _is_still_there(member):
        return  # another delivery of the same message was quicker
    commit = Commit.of(customer_id, turn)
    if commit.previous is None:
        return  # erased meanwhile, and with them what they had
    now = datetime.now(UTC)
    for item in AssignmentItem.batch_get([(commit.pk, kind.head + key)], consistent_read=True):
        commit.delete(item)
        if item.is_announced is not False:
            _tell(commit, job, kind, now)
    commit.beside(lambda transaction: transaction.delete(member, condition=MemberItem.pk.exists()))
    progress = JobShardItem(job.pk, f"{SHARD}{shard_of(customer_id)}")
    commit.beside(
        lambda transaction: transaction.update(
            progress, actions=[JobShardItem.done.add(1), JobShardItem.updated_at.set(now)]
        )
    )
    commit.write()


def _tell(commit: Commit, job: BackgroundJobItem, kind: Kind, now: datetime) -> None:
    identifier = job.subject.partition("#")[2]
    by = Caller(job.requested_by, job.requested_by_name, "", None)
    entry = taken_entry(kind, identifier, job.subject_name, by, now, why=f"The {kind.noun} was deleted")
    commit.put(action_item(commit.pk, job.id, entry))
    commit.touch([kind.section], identifier)
    commit.refresh([kind.section], now)
