"""DELETE /api/admin/segments/{segment_id}: deletes a segment at once; a job takes its customers out."""

from customer360.api.parameters import SourceId
from customer360.api.writes import WriteApi
from customer360.catalog.deletion import delete
from customer360.catalog.kinds import SEGMENT_KIND

app = WriteApi()


@app.delete("/api/admin/segments/<segment_id>", needs="segments:manage", audited_as="segment.deleted")
def delete_segment(segment_id: SourceId) -> None:
    delete(SEGMENT_KIND, segment_id, app.caller, app.action_id)
    app.location = f"/api/admin/jobs/{app.action_id}"


lambda_handler = app.entrypoint()
