"""GET /api/admin/customers/{customer_id}/support/{ticket_id}: one ticket whole, with its messages and history."""

from customer360.api.app import Api
from customer360.api.parameters import CustomerId, SourceId
from customer360.support import service as support
from customer360.support.schemas import Ticket

app = Api()


@app.get("/api/admin/customers/<customer_id>/support/<ticket_id>", needs="customers:read", audited_as="ticket.viewed")
def get_ticket(customer_id: CustomerId, ticket_id: SourceId) -> Ticket:
    return support.get(customer_id, ticket_id)


lambda_handler = app.entrypoint()
