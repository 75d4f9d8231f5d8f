"""GET /api/admin/customers/{customer_id}/360: everything a customer's page opens with, in one Query."""

from datetime import UTC, datetime

from customer360.api.app import Api
from customer360.api.parameters import CustomerId
from customer360.customers import service as customers
from customer360.customers.schemas import CustomerView

app = Api()


@app.get("/api/admin/customers/<customer_id>/360", needs="customers:read", audited_as="customer.viewed")
def get_customer_360(customer_id: CustomerId) -> CustomerView:
    return customers.view(customer_id, app.caller.permissions, datetime.now(UTC))


lambda_handler = app.entrypoint()
