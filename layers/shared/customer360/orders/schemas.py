"""What the orders endpoints answer. An order's own amounts are `Priced`, sums over orders are `Financial`."""

from decimal import Decimal
from typing import Annotated

from customer360.api.schema import Financial, Instant, Needs, Number, Phone, Priced, Response, absent_if_none
from customer360.orders.record import OrderStatus


class OrderRow(Response):
    id: str
    order_number: str
    date: Instant
    status: OrderStatus
    total: Priced[Decimal]
    currency: str
    items_count: Number


class OrderPage(Response):
    """A page of orders, newest first. The three figures are the customer's, whatever the filters and the page."""

    orders: list[OrderRow]
    total_orders: int
    total_revenue: Financial[Decimal]
    average_order_value: Financial[Decimal]
    updated_at: Instant | None
    next_cursor: str | None = absent_if_none()


class OrderLine(Response):
    sku: str | None = absent_if_none()
    name: str
    category: str | None = absent_if_none()
    quantity: Number
    unit_price: Priced[Decimal]


class ShippingAddress(Response):
    name: str | None = absent_if_none()
    line1: Annotated[str | None, Needs("contact:read")] = absent_if_none()
    line2: Annotated[str | None, Needs("contact:read")] = absent_if_none()
    city: str | None = absent_if_none()
    region: str | None = absent_if_none()
    postal_code: str | None = absent_if_none()
    country: str | None = absent_if_none()
    phone: Phone | None = absent_if_none()


class OrderStatusChange(Response):
    status: OrderStatus
    at: Instant


class Order(Response):
    """The whole order, in its own currency. `statusHistory` is oldest first, of the latest 1,000 versions."""

    id: str
    order_number: str
    date: Instant
    status: OrderStatus
    currency: str
    exchange_rate: Number | None = absent_if_none()
    total: Priced[Decimal]
    discount: Priced[Decimal | None] = absent_if_none()
    shipping: Priced[Decimal | None] = absent_if_none()
    tax: Priced[Decimal | None] = absent_if_none()
    refunded_amount: Priced[Decimal | None] = absent_if_none()
    items_count: Number
    lines: list[OrderLine]
    shipping_address: ShippingAddress | None = absent_if_none()
    payment_method: Annotated[str | None, Needs("payments:read")] = absent_if_none()
    tracking_number: str | None = absent_if_none()
    status_history: list[OrderStatusChange]
    updated_at: Instant
