"""GET /api/admin/erasures/{job_id}: how far an erasure has come, and the receipt of it."""

from customer360.api.app import Api
from customer360.api.parameters import SourceId
from customer360.privacy.schemas import Erasure
from customer360.privacy.service import progress_of

app = Api()


@app.get("/api/admin/erasures/<job_id>", needs="customers:erase", audited_as="erasure.viewed")
def get_erasure(job_id: SourceId) -> Erasure:
    return progress_of(job_id)


lambda_handler = app.entrypoint()
