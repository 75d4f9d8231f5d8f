"""Notes, tags, segments, jobs, exports and scores that are there, made by an admin nobody else is."""

from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import uuid4

from customer360.access.caller import Caller
from customer360.bulk.parts import ADD, job_of, part_of
from customer360.bulk.target import subject_of
from customer360.catalog import store
from customer360.catalog.kinds import TAG_KIND
from customer360.exports.asking import ask
from customer360.notes import service as notes
from customer360.notes.schemas import NewNote
from customer360.scoring.assessment import Assessment
from customer360.segments import editing
from customer360.segments import service as segments
from customer360.segments.schemas import NewSegment
from customer360.storage.items import ScoreItem
from customer360.storage.keys import SCORE, partition
from customer360.tags import service as tags
from customer360.tags.schemas import NewTag
from customer360.views import service as views
from customer360.views.schemas import NewView
from support.builders import new_id

MAKER = Caller("maker", "Mara Maker", "maker@example.com", "admin")


def a_tag(name: str | None = None) -> str:
    """The id of a new tag of the shop."""
    return tags.create(NewTag(name=name or new_id("tag"), color="#3366CC"), uuid4().hex).id


def a_segment(name: str | None = None, criteria: dict[str, Any] | None = None) -> str:
    """The id of a new segment of the shop: filled by hand, unless there are criteria."""
    new = {"name": name or new_id("segment"), "isAutomatic": criteria is not None, "criteria": criteria}
    return editing.create(NewSegment.model_validate(new), MAKER, uuid4().hex).id


def a_note(
    customer_id: str,
    visibility: Literal["team", "managers"] = "team",
    content: str = "Prefers to be called.",
    *,
    pinned: bool = False,
) -> str:
    """The id of a new note, which is none of the demo admins' own."""
    new = NewNote(content=content, visibility=visibility, pinned=pinned)
    return notes.add(customer_id, new, MAKER, new_id("a")).note.id


def give_tag(customer_id: str, tag_id: str) -> None:
    tags.add(customer_id, tag_id, MAKER, new_id("a"))


def give_segment(customer_id: str, segment_id: str) -> None:
    segments.add(customer_id, segment_id, MAKER, new_id("a"))


def keep_scores(customer_id: str, day: date | str, assessment: Assessment) -> None:
    """Puts down the scores of a day."""
    ScoreItem(partition(customer_id), f"{SCORE}{day}", assessment=assessment.to_json()).save()


def a_view() -> str:
    """The id of a new view that everybody sees."""
    new = NewView.model_validate({"name": new_id("view"), "search": {}, "isShared": True})
    return views.create(new, MAKER, new_id("a")).id


def a_bulk_job(*, is_finished: bool) -> str:
    """The id of a job that gives a new tag to nobody; no worker has been told."""
    now = datetime.now(UTC)
    job = job_of(new_id("job"), "bulk-add", ADD, (subject_of(TAG_KIND, a_tag()), "New"), MAKER, now, search="{}")
    job.finished_at = now if is_finished else None
    part_of(job, 0).save()
    job.save()
    return job.id


def an_export(customer_id: str, role: str = "admin") -> str:
    """The id of a new export that the demo admin of a role has asked for; no worker has made it."""
    maker = Caller(f"sub-{role}", role, f"{role}@example.com", role)
    return ask(maker, new_id("a"), datetime.now(UTC), kind="customer", format="json", customer_id=customer_id).export_id


def a_job() -> str:
    """The id of a job that is to take a deleted tag from its customers; no worker has been told."""
    job_id = new_id("job")
    store.delete(TAG_KIND, a_tag(), MAKER, job_id)
    return job_id
