"""POST /api/admin/bulk-assignments/preview: how many customers a bulk assignment is about; nothing is changed."""

from http import HTTPStatus

from customer360.api.app import Api
from customer360.bulk import counting
from customer360.bulk.schemas import BulkAssignment, BulkPreview

app = Api()  # not a WriteApi: it changes nothing, and a repeated request is about another moment


@app.post(
    "/api/admin/bulk-assignments/preview",
    needs="tags:manage",
    audited_as="bulk-assignment.previewed",
    status=HTTPStatus.OK,
)
def preview_bulk_assignment(request: BulkAssignment) -> BulkPreview:
    return counting.preview(request, app.caller)


lambda_handler = app.entrypoint()
