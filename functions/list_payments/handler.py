"""GET /api/admin/customers/{customer_id}/payments: saved methods, a page of transactions, what they come to."""

from customer360.api.app import Api
from customer360.api.parameters import Cursor, CustomerId, Limit
from customer360.payments import service as payments
from customer360.payments.schemas import Payments

app = Api()


@app.get("/api/admin/customers/<customer_id>/payments", needs="payments:read", audited_as="payments.listed")
def list_payments(customer_id: CustomerId, limit: Limit = 20, cursor: Cursor = None) -> Payments:
    return payments.page(customer_id, limit=limit, cursor=cursor)


lambda_handler = app.entrypoint()
