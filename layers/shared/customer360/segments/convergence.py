"""How changed criteria come into force: applied to all customers in the background, and then all at once.

The new criteria make a generation of memberships of its own, which nobody sees while it is being built; the one before
is followed meanwhile. Once the job has been through everybody, one write lets the new generation be seen, count and
list together. A second job then goes to those in either generation, takes the old one away, and tells who entered and
who left.

Guarantees: criteria changed again meanwhile make another generation, and the overtaken one never comes into force; a
crash in any place is made good by the message that comes again, because each step first looks at what is done.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import cast

from customer360.access.caller import Caller
from customer360.catalog import store
from customer360.catalog.definitions import KEPT_SECONDS
from customer360.catalog.kinds import SEGMENT_KIND, SHARDS
from customer360.catalog.table import CatalogItem, CountItem, DefinitionItem, MemberItem, SegmentItem
from customer360.errors import Conflict, NotFound
from customer360.jobs import work
from customer360.jobs.table import BackgroundJobItem, JobItem, put_unless_there
from customer360.segments.membership import membership_key, segment_and_generation

APPLYING = "apply-criteria"
SETTLING = "settle-segment"
# By then nobody knows of the generation before any more: whoever is in both would seem to be in neither meanwhile.
FORGOTTEN_SECONDS = int(KEPT_SECONDS) + 5
# Of more than these (eight counts each) a deletion would not fit into one transaction.
MOST_GENERATIONS = 10


def begin(segment: SegmentItem, by: Caller, job_id: str, now: datetime) -> list[CatalogItem | JobItem]:
    """Lets the criteria in `segment` be applied, by what is to be written together with it. Raises Conflict if they
    have been changed too often while they were being applied."""
    if segment.building and len(store.count_items(SEGMENT_KIND, segment.sk)) >= MOST_GENERATIONS * SHARDS:
        raise Conflict("the criteria were changed too often while they were applied to all customers; wait for that")
    segment.building = max(segment.generation, segment.building or 0) + 1
    segment.job_id = job_id
    work.announce(job_id)
    subject = f"{SEGMENT_KIND.plural}#{segment.sk}"
    requested_by = (by.id, by.name)
    job = BackgroundJobItem.asked(
        job_id, APPLYING, subject, segment.name, requested_by, now, generation=segment.building
    )
    return [job, *store.no_members_yet(SEGMENT_KIND, membership_key(segment.sk, segment.building))]


def is_overtaken(job: BackgroundJobItem) -> bool:
    """Whether nothing comes of the job any more: the criteria were saved again, or the segment was deleted."""
    if job.kind != APPLYING:
        return False
    try:
        segment = cast("SegmentItem", store.find(SEGMENT_KIND, _segment_id(job)))
    except NotFound:
        return True
    return max(segment.generation, segment.building or 0) > (job.generation or 0)


def go_on_after(job: BackgroundJobItem) -> None:
    """What follows a job of this kind that has been through everybody; may be done again."""
    if job.kind == APPLYING and _is_in_force(job):
        _begin_settling(job)
    elif job.kind == SETTLING:
        _forget_old_generations(job)


def _is_in_force(job: BackgroundJobItem) -> bool:
    """Lets the generation be seen, if it is still the one that is wanted."""

    def show(item: DefinitionItem) -> list[CatalogItem | JobItem]:
        segment = cast("SegmentItem", item)
        if segment.building == job.generation:
            segment.generation, segment.applied, segment.building = segment.building, segment.criteria, None
        return []

    try:
        segment = cast("SegmentItem", store.change(SEGMENT_KIND, _segment_id(job), show))
    except NotFound:
        return False
    return segment.generation == job.generation


def _begin_settling(job: BackgroundJobItem) -> None:
    requested_by = (job.requested_by, job.requested_by_name)
    settling = BackgroundJobItem.asked(
        f"{job.id}-settle",
        SETTLING,
        job.subject,
        job.subject_name,
        requested_by,
        datetime.now(UTC),
        generation=job.generation,
    )
    put_unless_there(settling)
    work.announce(settling.id, delay_seconds=FORGOTTEN_SECONDS)


def member_shards(job: BackgroundJobItem) -> list[tuple[str, int]]:
    """The lists of members, by `<membership>#<shard>`, of the generation that came into force and those before it, and
    how many are in each."""
    return [(count.sk, count.customers) for count in _counts_until(job.generation or 0, job)]


def members_of(name: str, *, after: str | None, limit: int) -> list[str]:
    """At most `limit` ids of the customers in one of these lists, from behind the one named."""
    members = MemberItem.query(
        f"{SEGMENT_KIND.lists}{name}",
        MemberItem.sk > after if after else None,
        limit=limit,
        page_size=limit,
        consistent_read=True,
    )
    return [member.sk for member in islice(members, limit)]


def _forget_old_generations(job: BackgroundJobItem) -> None:
    """Where somebody could not be settled yet, their generation's count stays, for when they are."""
    for count in _counts_until((job.generation or 0) - 1, job):
        if count.customers == 0:
            count.delete_if_nobody()


def _counts_until(generation: int, job: BackgroundJobItem) -> Iterator[CountItem]:
    for count in store.count_items(SEGMENT_KIND, _segment_id(job)):
        if segment_and_generation(count.sk.rsplit("#", 1)[0])[1] <= generation:
            yield count


def _segment_id(job: BackgroundJobItem) -> str:
    return job.subject.removeprefix(f"{SEGMENT_KIND.plural}#")
