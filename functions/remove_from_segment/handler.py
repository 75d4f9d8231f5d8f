"""DELETE /api/admin/customers/{customer_id}/segments/{segment_id}: takes the customer out of a segment."""

from customer360.api.parameters import CustomerId, SourceId
from customer360.api.writes import WriteApi
from customer360.segments import service as segments

app = WriteApi()


@app.delete(
    "/api/admin/customers/<customer_id>/segments/<segment_id>", needs="segments:assign", audited_as="segment.removed"
)
def remove_from_segment(customer_id: CustomerId, segment_id: SourceId) -> None:
    segments.remove(customer_id, segment_id, app.caller, app.action_id)


lambda_handler = app.entrypoint()
