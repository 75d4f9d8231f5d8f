"""GET /api/admin/exports/{export_id}: how far an export has come, and where its file is to be had."""

from datetime import UTC, datetime

from customer360.api.app import Api
from customer360.api.parameters import SourceId
from customer360.exports import service as exports
from customer360.exports.schemas import Export

app = Api()


@app.get("/api/admin/exports/<export_id>", needs="exports:create", audited_as="export.viewed")
def get_export(export_id: SourceId) -> Export:
    return exports.get(export_id, app.caller, datetime.now(UTC))


lambda_handler = app.entrypoint()
