"""GET /api/admin/customers/{customer_id}/orders: a page of the customer's orders, newest first."""

from customer360.api.app import Api
from customer360.api.parameters import Cursor, CustomerId, From, Limit, To, instants_between
from customer360.orders import service as orders
from customer360.orders.record import OrderStatus
from customer360.orders.schemas import OrderPage

app = Api()


@app.get("/api/admin/customers/<customer_id>/orders", needs="customers:read", audited_as="orders.listed")
def list_orders(
    customer_id: CustomerId,
    status: OrderStatus | None = None,
    start: From = None,
    end: To = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> OrderPage:
    placed = instants_between(start, end)
    return orders.page(customer_id, status=status, placed=placed, limit=limit, cursor=cursor)


lambda_handler = app.entrypoint()
