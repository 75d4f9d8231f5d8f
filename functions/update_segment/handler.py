"""PATCH /api/admin/segments/{segment_id}: renames or describes a segment, or changes its criteria."""

from customer360.api.parameters import SourceId
from customer360.api.writes import WriteApi
from customer360.segments import editing as segments
from customer360.segments.schemas import Segment, SegmentChange

app = WriteApi()


@app.patch("/api/admin/segments/<segment_id>", needs="segments:manage", audited_as="segment.changed")
def update_segment(segment_id: SourceId, change: SegmentChange) -> Segment:
    return segments.update(segment_id, change, app.unchanged, app.caller, app.action_id)


lambda_handler = app.entrypoint()
