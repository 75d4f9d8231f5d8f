"""POST /api/admin/realtime/tickets: a ticket that opens one live session."""

from datetime import UTC, datetime

from customer360.api.app import Api
from customer360.realtime import tickets
from customer360.realtime.schemas import RealtimeTicket

app = Api()  # not a WriteApi: a ticket is good once, so a repeated request gets another


@app.post("/api/admin/realtime/tickets", needs="customers:read", audited_as="realtime-ticket.created")
def create_realtime_ticket() -> RealtimeTicket:
    return tickets.issue(app.caller, app.session_end, datetime.now(UTC))


lambda_handler = app.entrypoint()
