"""A bulk assignment is begun.

Guarantee: a repeated request with the same action id begins one job. It is announced to its worker before it is made,
so a crash in between leaves nothing that nobody works on.
"""

from datetime import UTC, datetime

from customer360.access.caller import Caller
from customer360.bulk import queue
from customer360.bulk.counting import count
from customer360.bulk.parts import job_of, part_of
from customer360.bulk.schemas import BulkAssignment, JobBegun
from customer360.bulk.target import subject_of, wanted
from customer360.exact_json import dumps
from customer360.jobs.table import put_unless_there


def begin(request: BulkAssignment, caller: Caller, job_id: str) -> JobBegun:
    """Raises Invalid, NotAllowed, also for a filter the caller may not use, NotFound, and Conflict for an automatic
    segment."""
    request.search.require_keepable()
    kind, definition = wanted(request, caller)
    total, _ = count(request.search, caller)
    job = job_of(
        job_id,
        f"bulk-{request.action}",
        request.action,
        (subject_of(kind, definition.sk), definition.name),
        caller,
        datetime.now(UTC),
        search=dumps(request.search.parameters()),
    )
    queue.announce(job_id)
    put_unless_there(part_of(job, total))
    put_unless_there(job)
    return JobBegun(job_id=job_id)
