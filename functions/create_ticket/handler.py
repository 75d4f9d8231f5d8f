"""POST /api/admin/customers/{customer_id}/actions/create-ticket: opens a support ticket for the customer."""

from customer360.actions import tickets
from customer360.actions.schemas import NewTicket, TicketAnswer
from customer360.api.parameters import CustomerId
from customer360.api.writes import WriteApi

app = WriteApi()


@app.post(
    "/api/admin/customers/<customer_id>/actions/create-ticket",
    needs="actions:ticket",
    audited_as="ticket.created",
)
def create_ticket(customer_id: CustomerId, new: NewTicket) -> TicketAnswer:
    return tickets.create(customer_id, new, app.caller, app.action_id)


lambda_handler = app.entrypoint()
