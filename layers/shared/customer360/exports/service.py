"""Exports as whoever asked for them sees them."""

from datetime import datetime, timedelta

from customer360.access.caller import Caller
from customer360.access.policy import READS_ALL_EXPORTS, ROLES
from customer360.errors import NotFound
from customer360.exports.answers import answered
from customer360.exports.schemas import Export
from customer360.exports.table import ExportItem
from customer360.settings import export_link_seconds


def get(export_id: str, by: Caller, now: datetime) -> Export:
    """With a link to the file, once it is ready. Raises NotFound, also for somebody else's, and for one that is over;
    NotAllowed if it may show what the caller may not see any more."""
    item = ExportItem.find(export_id)
    if item.kept_until <= now or (item.made_by != by.id and READS_ALL_EXPORTS not in by.permissions):
        raise NotFound("export")
    for permission in sorted(ROLES[item.made_by_role]):
        by.require(permission)
    export = answered(item)
    if export.status != "ready":
        return export
    # Whoever only looks how far it has come must not pay for the client of S3.
    from customer360.exports.files import link  # noqa: PLC0415

    seconds = export_link_seconds()
    return export.model_copy(update={"url": link(item.key, seconds), "expires_at": now + timedelta(seconds=seconds)})
