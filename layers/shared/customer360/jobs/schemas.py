"""What `GET /api/admin/jobs/{job_id}` answers."""

from typing import Literal

from customer360.api.schema import Instant, Response, absent_if_none


class Job(Response):
    """Work in the background: how much there is, and how much of it is done.

    Of work over many customers also how many of those done were `changed` and for how many it `failed`. `reason` is why
    it was cancelled, unless an admin did it; `undoneBy` the job that takes back what this one did.
    """

    id: str
    kind: str
    status: Literal["queued", "running", "completed", "cancelled"]
    reason: str | None = absent_if_none()
    subject_name: str
    total: int
    done: int
    changed: int | None = absent_if_none()
    failed: int | None = absent_if_none()
    requested_at: Instant
    updated_at: Instant | None
    finished_at: Instant | None = absent_if_none()
    undone_by: str | None = absent_if_none()
