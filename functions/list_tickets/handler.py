"""GET /api/admin/customers/{customer_id}/support: a page of the customer's support tickets, newest first."""

from customer360.api.app import Api
from customer360.api.parameters import Cursor, CustomerId, Limit
from customer360.support import service as support
from customer360.support.record import TicketStatus
from customer360.support.schemas import TicketPage

app = Api()


@app.get("/api/admin/customers/<customer_id>/support", needs="customers:read", audited_as="tickets.listed")
def list_tickets(
    customer_id: CustomerId, status: TicketStatus | None = None, limit: Limit = 20, cursor: Cursor = None
) -> TicketPage:
    return support.page(customer_id, status=status, limit=limit, cursor=cursor)


lambda_handler = app.entrypoint()
