"""A customer's orders: a page of them by index, one of them whole."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial

from customer360.api import cursor as cursors
from customer360.customers.metrics import average_order_value
from customer360.instants import from_sortable, sortable
from customer360.money import rounded, unit_price
from customer360.orders import record as records
from customer360.orders import schemas
from customer360.orders.record import OrderStatus
from customer360.settings import settings
from customer360.storage.heads import some_heads
from customer360.storage.keys import METRICS, partition
from customer360.storage.paging import By, Row, index_stream, page_of
from customer360.storage.parallel import at_once
from customer360.storage.subjects import Subject, Subjects, find_subject

KIND = records.Order.KIND


def page(
    customer_id: str,
    *,
    status: OrderStatus | None,
    placed: tuple[datetime | None, datetime | None],
    limit: int,
    cursor: str | None,
) -> schemas.OrderPage:
    """Newest first. Raises NotFound, and Invalid for a cursor of another list."""
    scope = ("orders", customer_id, status, *(sortable(bound) if bound else None for bound in placed))
    position = cursors.decode(cursor, *scope)
    by, prefix = (By.STATE, f"{KIND}#{status}") if status else (By.TIME, KIND)
    orders = index_stream(partition(customer_id), by, prefix)
    heads, found = at_once(
        (partial(some_heads, customer_id, METRICS), partial(page_of, [orders], limit, position, *placed))
    )
    totals = heads.totals(METRICS)
    currency = settings().shop_currency
    return schemas.OrderPage(
        orders=[_row(row) for row in found.rows],
        total_orders=int(totals.get("totalOrders", 0)),
        total_revenue=rounded(totals.get("lifetimeValue", Decimal(0)), currency),
        average_order_value=average_order_value(totals, currency),
        updated_at=heads.updated_at("orders"),
        next_cursor=cursors.encode(found.next_position, *scope) if found.next_position else None,
    )


def get(customer_id: str, order_id: str) -> schemas.Order:
    """One order whole. Raises NotFound for the customer or the order."""
    return _whole(find_subject(customer_id, KIND, order_id))


def reader(customer_id: str) -> Callable[[Sequence[str]], list[schemas.Order]]:
    """Gives orders whole by their ids, some at a time, to who wants very many. It raises NotFound as `get` does."""
    found = Subjects(customer_id, KIND)
    return lambda order_ids: [_whole(order) for order in found.several(order_ids)]


def _row(row: Row) -> schemas.OrderRow:
    summary = row.summary
    return schemas.OrderRow(
        id=summary["id"],
        order_number=summary["orderNumber"],
        date=from_sortable(summary["date"]),
        status=summary["status"],
        total=rounded(Decimal(summary["total"]), summary["currency"]),
        currency=summary["currency"],
        items_count=Decimal(summary["itemsCount"]),
    )


def _whole(found: Subject) -> schemas.Order:
    order = records.Order.from_stored(found.record)

    def money(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else rounded(amount, order.currency)

    return schemas.Order(
        id=order.order_id,
        order_number=order.number,
        date=order.placed_at,
        status=order.status,
        currency=order.currency,
        exchange_rate=order.exchange_rate,
        total=rounded(order.total, order.currency),
        discount=money(order.discount),
        shipping=money(order.shipping),
        tax=money(order.tax),
        refunded_amount=money(order.refunded_amount),
        items_count=order.items_count,
        lines=[_line(line, order.currency) for line in order.lines],
        shipping_address=_address(order.shipping_address),
        payment_method=order.payment_method,
        tracking_number=order.tracking_number,
        status_history=[schemas.OrderStatusChange.model_validate(change) for change in found.status_history],
        updated_at=order.updated_at,
    )


def _line(line: records.OrderLine, currency: str) -> schemas.OrderLine:
    price = unit_price(line.unit_price, currency)
    return schemas.OrderLine.model_validate(line).model_copy(update={"unit_price": price})


def _address(address: records.ShippingAddress | str | None) -> schemas.ShippingAddress | None:
    if address is None:
        return None
    if isinstance(address, str):
        return schemas.ShippingAddress(line1=address)
    return schemas.ShippingAddress.model_validate(address)
