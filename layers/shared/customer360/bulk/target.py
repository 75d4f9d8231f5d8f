"""What a bulk assignment gives or takes: a tag, or a segment that is filled by hand."""

from customer360.access.caller import Caller
from customer360.bulk.schemas import BulkAssignment
from customer360.catalog import store
from customer360.catalog.kinds import KINDS, SEGMENT_KIND, TAG_KIND, Kind
from customer360.catalog.table import DefinitionItem
from customer360.errors import Invalid
from customer360.jobs.table import BackgroundJobItem
from customer360.segments.service import by_hand


def wanted(request: BulkAssignment, caller: Caller) -> tuple[Kind, DefinitionItem]:
    """Raises Invalid unless it is one of the two, NotAllowed for who may not assign it, NotFound, and Conflict for an
    automatic segment."""
    if (request.tag_id is None) == (request.segment_id is None):
        raise Invalid("tagId", "must be given, or segmentId, but not both")
    kind = TAG_KIND if request.tag_id else SEGMENT_KIND
    caller.require(f"{kind.section}:assign")
    definition = store.find(kind, request.tag_id or request.segment_id or "")
    if kind is SEGMENT_KIND:
        by_hand(definition)
    return kind, definition


def subject_of(kind: Kind, identifier: str) -> str:
    """As a job names it."""
    return f"{kind.plural}#{identifier}"


def target_of(job: BackgroundJobItem) -> tuple[Kind, str]:
    """What the job gives or takes, and its id."""
    plural, _, identifier = job.subject.partition("#")
    return KINDS[plural], identifier
