"""PATCH /api/admin/customers/{customer_id}/notes/{note_id}: its author or a manager edits, pins or restricts a note."""

from customer360.api.parameters import CustomerId, SourceId
from customer360.api.writes import WriteApi
from customer360.notes import service as notes
from customer360.notes.schemas import NoteAnswer, NoteChange

app = WriteApi()


@app.patch("/api/admin/customers/<customer_id>/notes/<note_id>", needs="notes:write", audited_as="note.edited")
def update_note(customer_id: CustomerId, note_id: SourceId, change: NoteChange) -> NoteAnswer:
    return notes.update(customer_id, note_id, change, app.caller, app.action_id, app.unchanged)


lambda_handler = app.entrypoint()
