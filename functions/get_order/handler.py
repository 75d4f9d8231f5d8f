"""GET /api/admin/customers/{customer_id}/orders/{order_id}: one order whole, with its status history."""

from customer360.api.app import Api
from customer360.api.parameters import CustomerId, SourceId
from customer360.orders import service as orders
from customer360.orders.schemas import Order

app = Api()


@app.get("/api/admin/customers/<customer_id>/orders/<order_id>", needs="customers:read", audited_as="order.viewed")
def get_order(customer_id: CustomerId, order_id: SourceId) -> Order:
    return orders.get(customer_id, order_id)


lambda_handler = app.entrypoint()
