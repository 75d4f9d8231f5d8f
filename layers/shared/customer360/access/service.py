"""The audit trail for those who watch over it."""

from datetime import datetime

from customer360.access import trail
from customer360.access.schemas import Actor, AuditEntry, AuditPage
from customer360.access.table import AuditItem
from customer360.access.trail import Filters
from customer360.api import cursor as cursors
from customer360.instants import from_sortable, sortable


def audit_page(
    *,
    customer_id: str | None,
    actor: str | None,
    action: str | None,
    between: tuple[datetime | None, datetime | None],
    limit: int,
    cursor: str | None,
    now: datetime,
) -> AuditPage:
    """Newest first. Raises Invalid for a cursor of another list."""
    scope = ("audit", customer_id, actor, action, *(sortable(at) if at else None for at in between))
    position = cursors.decode(cursor, *scope)
    found = trail.newest_first(Filters(customer_id, actor, action, *between), limit, position, now)
    return AuditPage(
        entries=[_entry(line) for line in found.lines],
        next_cursor=cursors.encode(found.next_position, *scope) if found.next_position else None,
    )


def _entry(line: AuditItem) -> AuditEntry:
    at, request_id = line.sk.split("#")[:2]
    return AuditEntry(
        id=line.sk,
        at=from_sortable(at),
        actor=Actor(id=line.actor, name=line.actor_name),
        role=line.role,
        action=line.action,
        outcome=line.outcome,
        customer_id=line.subject,
        target=line.target,
        request_id=request_id,
    )
