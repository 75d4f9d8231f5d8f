"""GET /api/admin/ingestion/rejected: source events that could not be applied, and why, newest first."""

from customer360.api.app import Api
from customer360.api.parameters import Cursor, Limit
from customer360.ingestion import service as ingestion
from customer360.ingestion.schemas import RejectedPage

app = Api()


@app.get("/api/admin/ingestion/rejected", needs="ingestion:manage", audited_as="rejected-events.listed")
def list_rejected_events(limit: Limit = 20, cursor: Cursor = None) -> RejectedPage:
    return ingestion.rejected_page(limit, cursor)


lambda_handler = app.entrypoint()
