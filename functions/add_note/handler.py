"""POST /api/admin/customers/{customer_id}/notes: the caller writes down what colleagues should know."""

from datetime import UTC, datetime

from customer360.actions import rate_limits
from customer360.api.parameters import CustomerId
from customer360.api.writes import WriteApi
from customer360.notes import service as notes
from customer360.notes.schemas import NewNote, NoteAnswer

app = WriteApi()


@app.post("/api/admin/customers/<customer_id>/notes", needs="notes:write", audited_as="note.added")
def add_note(customer_id: CustomerId, new: NewNote) -> NoteAnswer:
    rate_limits.take(app.caller.id, "add-note", datetime.now(UTC))
    return notes.add(customer_id, new, app.caller, app.action_id)


lambda_handler = app.entrypoint()
