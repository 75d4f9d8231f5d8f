"""POST /api/admin/segments: a new segment for the shop, filled by hand or by its criteria."""

from customer360.api.writes import WriteApi
from customer360.segments import editing as segments
from customer360.segments.schemas import NewSegment, Segment

app = WriteApi()


@app.post("/api/admin/segments", needs="segments:manage", audited_as="segment.created")
def create_segment(new: NewSegment) -> Segment:
    return segments.create(new, app.caller, app.action_id)


lambda_handler = app.entrypoint()
