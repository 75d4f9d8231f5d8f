"""POST /api/admin/customers/{customer_id}/segments: puts the customer into a segment that is filled by hand."""

from customer360.api.parameters import CustomerId
from customer360.api.writes import WriteApi
from customer360.customers.schemas import CustomerSegment
from customer360.segments import service as segments
from customer360.segments.schemas import SegmentAssignment

app = WriteApi()


@app.post(
    "/api/admin/customers/<customer_id>/segments",
    needs="segments:assign",
    audited_as="segment.added",
    names=("segmentId",),
)
def add_to_segment(customer_id: CustomerId, new: SegmentAssignment) -> CustomerSegment:
    return segments.add(customer_id, new.segment_id, app.caller, app.action_id)


lambda_handler = app.entrypoint()
