"""Takes in that an export is wanted.

Guarantee: whatever crashes, no export is left without a worker, and the same action id is one export: it is announced
before it exists, its worker drops what never came to be, and what is there already stays as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from customer360.access.caller import Caller
from customer360.api.parameters import instants_between
from customer360.exports.answers import answered
from customer360.exports.queue import announce
from customer360.exports.request import ExportRequest, Format, Kind
from customer360.exports.schemas import Export, NewCustomerExport, NewSearchExport
from customer360.exports.sections import sections_for
from customer360.exports.table import ExportItem, OwnerItem
from customer360.settings import export_retention_days
from customer360.storage.heads import some_heads


def of_customer(customer_id: str, new: NewCustomerExport, by: Caller, action_id: str, now: datetime) -> Export:
    """Raises Invalid for sections there are not and instants that mean nothing, NotAllowed for a section that the
    caller may not open, and NotFound."""
    start, end = instants_between(new.start, new.end)
    sections = None if new.sections is None else sections_for(new.sections, by.permissions)
    some_heads(customer_id)
    return ask(
        by,
        action_id,
        now,
        kind="customer",
        format=new.format,
        customer_id=customer_id,
        sections=sections,
        start=start,
        end=end,
    )


def of_search(new: NewSearchExport, by: Caller, action_id: str, now: datetime) -> Export:
    """Raises NotAllowed for a filter or an order that would tell what the caller may not know, and Invalid for a full
    card number."""
    for permission in sorted(new.search.permissions_needed()):
        by.require(permission)
    new.search.require_keepable()
    return ask(by, action_id, now, kind="search", format=new.format, search=new.search.parameters())


def ask(
    by: Caller,
    action_id: str,
    now: datetime,
    *,
    kind: Kind,
    format: Format,
    customer_id: str | None = None,
    sections: Sequence[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    search: Mapping[str, Any] | None = None,
) -> Export:
    """The export as it is now: new, or that of an earlier request with this action id. What it is about has been
    checked before."""
    request = ExportRequest(
        id=f"export-{action_id}",
        kind=kind,
        format=format,
        maker=by,
        requested_at=now,
        customer_id=customer_id,
        sections=tuple(sections) if sections is not None else None,
        start=start,
        end=end,
        search=search,
    )
    item = ExportItem.asked(request, kept_until=now + timedelta(days=export_retention_days()))
    OwnerItem.of(request, expires_at=item.expires_at).save()
    announce(request.id, now)
    return answered(item.keep())
