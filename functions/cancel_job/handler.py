"""DELETE /api/admin/jobs/{job_id}: cancels a bulk assignment; whoever it has changed stays changed."""

from customer360.api.parameters import SourceId
from customer360.api.writes import WriteApi
from customer360.bulk import undoing

app = WriteApi()


@app.delete("/api/admin/jobs/<job_id>", needs="tags:manage", audited_as="job.cancelled")
def cancel_job(job_id: SourceId) -> None:
    undoing.cancel(job_id)


lambda_handler = app.entrypoint()
