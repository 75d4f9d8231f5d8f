"""POST /api/admin/jobs/{job_id}/undo: takes back what a bulk assignment did, where it is still so; by another job."""

from http import HTTPStatus

from customer360.api.parameters import SourceId
from customer360.api.writes import WriteApi
from customer360.bulk import undoing
from customer360.bulk.schemas import JobBegun

app = WriteApi()


@app.post("/api/admin/jobs/<job_id>/undo", needs="tags:manage", audited_as="job.undone", status=HTTPStatus.ACCEPTED)
def undo_job(job_id: SourceId) -> JobBegun:
    return undoing.undo(job_id, app.caller, app.action_id)


lambda_handler = app.entrypoint()
