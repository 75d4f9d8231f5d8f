"""POST /api/admin/exports: makes a file of all customers that a search finds."""

from datetime import UTC, datetime
from http import HTTPStatus

from customer360.api.writes import WriteApi
from customer360.exports import asking as exports
from customer360.exports.schemas import Export, NewSearchExport

app = WriteApi()


@app.post("/api/admin/exports", needs="exports:bulk", audited_as="customers.exported", status=HTTPStatus.ACCEPTED)
def create_search_export(new: NewSearchExport) -> Export:
    return exports.of_search(new, app.caller, app.action_id, datetime.now(UTC))


lambda_handler = app.entrypoint()
