"""GET /api/admin/customers/{customer_id}/notes/{note_id}: one note with what it was before."""

from customer360.api.app import Api
from customer360.api.parameters import CustomerId, SourceId
from customer360.notes import service as notes
from customer360.notes.schemas import NoteHistory

app = Api()


@app.get("/api/admin/customers/<customer_id>/notes/<note_id>", needs="notes:read", audited_as="note.viewed")
def get_note(customer_id: CustomerId, note_id: SourceId) -> NoteHistory:
    return notes.get(customer_id, note_id, app.caller)


lambda_handler = app.entrypoint()
