"""POST /api/admin/bulk-assignments: gives a tag or segment to all customers of a search, or takes it; by a job."""

from http import HTTPStatus

from customer360.api.writes import WriteApi
from customer360.bulk import asking
from customer360.bulk.schemas import BulkAssignment, JobBegun

app = WriteApi()


@app.post(
    "/api/admin/bulk-assignments",
    needs="tags:manage",
    audited_as="bulk-assignment.begun",
    status=HTTPStatus.ACCEPTED,
    names=("tagId", "segmentId"),
)
def create_bulk_assignment(new: BulkAssignment) -> JobBegun:
    return asking.begin(new, app.caller, app.action_id)


lambda_handler = app.entrypoint()
