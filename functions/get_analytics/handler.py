"""GET /api/admin/customers/{customer_id}/analytics: what the customer looks at and buys, on what device, and when."""

from customer360.analytics import service as analytics
from customer360.analytics.schemas import Analytics
from customer360.api.app import Api
from customer360.api.parameters import CustomerId

app = Api()


@app.get("/api/admin/customers/<customer_id>/analytics", needs="customers:read", audited_as="analytics.viewed")
def get_analytics(customer_id: CustomerId) -> Analytics:
    return analytics.of_customer(customer_id, app.caller.permissions)


lambda_handler = app.entrypoint()
