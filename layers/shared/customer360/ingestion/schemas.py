"""What the ingestion endpoints answer."""

from typing import Literal

from customer360.api.schema import Instant, Response, absent_if_none


class Fault(Response):
    field: str
    message: str


class RejectedEvent(Response):
    """A source event that could not be applied; `file` and `line` if it came from an import."""

    id: str
    event_id: str | None = absent_if_none()
    customer_id: str | None = absent_if_none()
    detail_type: str
    reason: str
    errors: list[Fault]
    file: str | None = absent_if_none()
    line: int | None = absent_if_none()
    rejected_at: Instant
    replayable: bool


class RejectedPage(Response):
    """A page of rejected events, newest first."""

    rejected: list[RejectedEvent]
    next_cursor: str | None = absent_if_none()


class Replay(Response):
    """What became of a rejected event. Unless it was rejected again, it is no longer listed."""

    id: str
    outcome: Literal["applied", "unchanged", "held", "dropped", "rejected"]
    reason: str | None = absent_if_none()
    errors: list[Fault] | None = absent_if_none()
