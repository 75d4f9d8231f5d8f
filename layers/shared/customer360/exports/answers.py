"""An export's item as it is answered."""

from customer360.exports.schemas import Export, Manifest
from customer360.exports.table import ExportItem


def answered(item: ExportItem) -> Export:
    """Without the link to its file."""
    is_ready = item.status == "ready"
    return Export(
        export_id=item.id,
        status=item.status,
        progress=item.progress,
        kind=item.kind,
        format=item.format,
        requested_at=item.requested_at,
        finished_at=item.finished_at,
        size=item.size if is_ready else None,
        error=item.error,
        manifest=manifest_of(item) if is_ready else None,
    )


def manifest_of(item: ExportItem) -> Manifest:
    return Manifest(
        export_id=item.id,
        kind=item.kind,
        format=item.format,
        filters=item.request.filters,
        version=item.version,
        made_at=item.made_at,
        rows=item.rows,
        size=item.size,
        sha256=item.sha256,
    )
