"""GET /api/admin/customers/{customer_id}/loyalty: tier, points, what expires soon and the latest transactions."""

from datetime import UTC, datetime

from customer360.api.app import Api
from customer360.api.parameters import CustomerId
from customer360.loyalty import service as loyalty
from customer360.loyalty.schemas import Loyalty

app = Api()


@app.get("/api/admin/customers/<customer_id>/loyalty", needs="customers:read", audited_as="loyalty.viewed")
def get_loyalty(customer_id: CustomerId) -> Loyalty:
    return loyalty.get(customer_id, datetime.now(UTC))


lambda_handler = app.entrypoint()
