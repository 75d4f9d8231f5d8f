"""The audit trail: who saw or did what, when, and whether they were allowed to."""

from datetime import UTC, datetime, timedelta

from customer360.access.caller import Caller
from customer360.access.table import AuditItem, day_of
from customer360.instants import sortable
from customer360.settings import settings


def record(
    caller: Caller, action: str, *, outcome: str, customer_id: str | None, target: str | None, request_id: str
) -> None:
    """Appends one line. Raises if it cannot: what is not on the trail must not be answered."""
    now = datetime.now(UTC)
    AuditItem(
        day_of(now),
        f"{sortable(now)}#{request_id}",
        actor=caller.id,
        actor_name=caller.name,
        role=caller.role,
        action=action,
        outcome=outcome,
        subject=customer_id,
        target=target,
        expires_at=int((now + timedelta(days=int(settings().audit_retention_days))).timestamp()),
    ).save()
