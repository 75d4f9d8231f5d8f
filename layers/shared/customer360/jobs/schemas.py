"""What `GET /api/admin/jobs/{job_id}` answers."""

from typing import Literal

from customer360.api.schema import Instant, Response, absent_if_none


class Job(Response):
    """Work in the background: how much there is, and how much of it is done."""

    id: str
    kind: str
    status: Literal["queued", "running", "completed"]
    subject_name: str
    total: int
    done: int
    requested_at: Instant
    updated_at: Instant | None
    finished_at: Instant | None = absent_if_none()
