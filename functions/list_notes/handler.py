"""GET /api/admin/customers/{customer_id}/notes: a page of the notes the caller may see, pinned ones first."""

from customer360.api.app import Api
from customer360.api.parameters import Cursor, CustomerId, Limit
from customer360.notes import service as notes
from customer360.notes.schemas import NotePage

app = Api()


@app.get("/api/admin/customers/<customer_id>/notes", needs="notes:read", audited_as="notes.listed")
def list_notes(customer_id: CustomerId, limit: Limit = 20, cursor: Cursor = None) -> NotePage:
    return notes.page(customer_id, app.caller, limit, cursor)


lambda_handler = app.entrypoint()
