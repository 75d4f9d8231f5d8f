"""Rejected events for those who mend them: listed, and replayed once their cause is gone."""

from datetime import UTC, datetime
from itertools import islice

from customer360.api import cursor as cursors
from customer360.errors import Conflict
from customer360.exact_json import loads
from customer360.ingestion import rejections
from customer360.ingestion.events import Rejected
from customer360.ingestion.intake import take_in
from customer360.ingestion.schemas import Fault, RejectedEvent, RejectedPage, Replay
from customer360.ingestion.table import RejectedItem


def rejected_page(limit: int, cursor: str | None) -> RejectedPage:
    """Newest first. Raises Invalid for a cursor of another list."""
    position = cursors.decode(cursor, "rejected")
    items = list(islice(rejections.newest_first(limit + 1, position, datetime.now(UTC)), limit + 1))
    shown = items[:limit]
    following = cursors.encode(shown[-1].sk, "rejected") if len(items) > limit else None
    return RejectedPage(rejected=[_answered(item) for item in shown], next_cursor=following)


def replay(identifier: str) -> Replay:
    """Takes the event in again. Raises NotFound, and Conflict if it was redacted and so is no longer whole.

    Applying is idempotent and the rejection is deleted last, so a replay that is interrupted can be repeated.
    """
    item = rejections.find(identifier)
    if not item.replayable or item.payload is None:
        raise Conflict("this event was redacted and cannot be replayed; send it again from its source")
    try:
        event = loads(item.payload)
    except ValueError:
        raise Conflict("this line is not JSON and cannot be replayed; mend it at its source") from None
    try:
        outcome = take_in(event.get("type") if isinstance(event, dict) else None, event)
    except Rejected as rejection:
        item.update(
            actions=[RejectedItem.reason.set(rejection.reason), RejectedItem.errors.set(rejection.errors)],
            condition=RejectedItem.pk.exists(),
        )
        return Replay(id=identifier, outcome="rejected", reason=rejection.reason, errors=_faults(rejection.errors))
    item.delete()
    return Replay(id=identifier, outcome=outcome.value)


def _answered(item: RejectedItem) -> RejectedEvent:
    return RejectedEvent(
        id=item.sk,
        event_id=item.event_id,
        customer_id=item.customer_id,
        detail_type=item.detail_type,
        reason=item.reason,
        errors=_faults(item.errors),
        file=item.file,
        line=item.line,
        rejected_at=item.rejected_at,
        replayable=item.replayable,
    )


def _faults(errors: list[dict[str, str]]) -> list[Fault]:
    return [Fault.model_validate(error) for error in errors]
