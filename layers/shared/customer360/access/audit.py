"""The audit trail: who saw or did what, when, and whether they were allowed to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from customer360.access.caller import Caller
from customer360.access.table import AuditItem, day_of
from customer360.instants import sortable
from customer360.settings import settings


def record(
    caller: Caller, action: str, *, outcome: str, customer_ids: Sequence[str], target: str | None, request_id: str
) -> None:
    """Appends one line, or one for each customer if it is about several, so that it is found by any of them.

    Raises if it cannot: what is not on the trail must not be answered.
    """
    now = datetime.now(UTC)
    for number, customer_id in enumerate(customer_ids or [None]):
        AuditItem(
            day_of(now),
            f"{sortable(now)}#{request_id}{f'#{number}' if number else ''}",
            actor=caller.id,
            actor_name=caller.name,
            role=caller.role,
            action=action,
            outcome=outcome,
            subject=customer_id,
            target=target,
            expires_at=int((now + timedelta(days=int(settings().audit_retention_days))).timestamp()),
        ).save()
