"""What the access endpoints answer: who the caller is, and what admins saw and did."""

from typing import Literal

from customer360.api.schema import Instant, Response, absent_if_none


class Me(Response):
    """The caller. Their own e-mail address is never masked."""

    id: str
    name: str
    email: str
    role: str
    permissions: list[str]


class Actor(Response):
    """An admin, by their Cognito id and the name they had then."""

    id: str
    name: str


class AuditEntry(Response):
    """One thing an admin saw or did, or was refused; `role` is null for one who was in no group.

    `target` is the record that the path names beside the customer. Of a POST that names none it is the id of what it
    makes, or what that id ends with, and after a `/` the tag or segment that its body names.
    """

    id: str
    at: Instant
    actor: Actor
    role: str | None
    action: str
    outcome: Literal["allowed", "refused"]
    customer_id: str | None = absent_if_none()
    target: str | None = absent_if_none()
    request_id: str


class AuditPage(Response):
    """A page of the audit trail, newest first. While a rare entry is looked for, a page may hold fewer entries than
    asked for, or none, and still have a `nextCursor`."""

    entries: list[AuditEntry]
    next_cursor: str | None = absent_if_none()
