"""GET /api/admin/jobs/{job_id}: how far a job in the background has come."""

from customer360.api.app import Api
from customer360.api.parameters import SourceId
from customer360.jobs import service as jobs
from customer360.jobs.schemas import Job

app = Api()


@app.get("/api/admin/jobs/<job_id>", needs="tags:manage", audited_as="job.viewed")
def get_job(job_id: SourceId) -> Job:
    return jobs.get(job_id)


lambda_handler = app.entrypoint()
