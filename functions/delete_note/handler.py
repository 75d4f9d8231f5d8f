"""DELETE /api/admin/customers/{customer_id}/notes/{note_id}: its author or a manager deletes a note."""

from customer360.api.parameters import CustomerId, SourceId
from customer360.api.writes import WriteApi
from customer360.notes import service as notes

app = WriteApi()


@app.delete("/api/admin/customers/<customer_id>/notes/<note_id>", needs="notes:write", audited_as="note.deleted")
def delete_note(customer_id: CustomerId, note_id: SourceId) -> None:
    notes.delete(customer_id, note_id, app.caller, app.action_id)


lambda_handler = app.entrypoint()
